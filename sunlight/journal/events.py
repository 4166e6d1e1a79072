"""The journal's own events, and the payload keys that every app uses."""

from sunlight.journal.declared import Label, event, labels, subject

labels(
    {
        "attempts": "次数",
        "before": "原状态",
        "body": "内容",
        "clause": "条款",
        "clauses": "条款",
        "code": "编码",
        "codes": "编码",
        "count": "数量",
        "ended": "已结束",
        "ends_on": "截止日",
        "event": "事件",
        "expires_at": "失效时间",
        "field": "字段",
        "first": "起",
        "from": "起始日",
        "id": "编号",
        "is_active": "启用",
        "is_on": "启用",
        "kind": "类别",
        "last": "止",
        "line": "行",
        "lines": "明细",
        "message": "说明",
        "name": "名称",
        "note": "说明",
        "number": "编号",
        "outcome": "结果",
        "parties": "当事方",
        "party": "当事方",
        "reason": "理由",
        "service": "操作",
        "sha256": "摘要",
        "source": "来源",
        "source_kind": "来源种类",
        "starts_on": "开始日",
        "state": "状态",
        "status": "状态",
        "subject_id": "对象编号",
        "subject_type": "对象类型",
        "subscriber": "订阅方",
        "title": "标题",
        "to": "截止日",
        "unit": "单位",
        "valid_from": "生效日",
        "valid_to": "到期日",
        "valid_until": "有效期至",
        "version": "版本",
    }
)

JOURNAL_DELIVERY = subject("journal_delivery", "未送达事件", has_trace=False)
DELIVERY_RETRIED = event("delivery_retried", "重新送达事件", JOURNAL_DELIVERY)

labels(
    {
        "detail": "说明",
        "key_id": "签名密钥号",
        "made_at": "时间",
        "public_key": "公钥",
        "signature": "签名",
        "type": "类别",
    }
)

CHECKPOINT = subject("checkpoint", "日志检查点", has_trace=False, is_topic=True)
CHECKPOINT_MADE = event(
    "checkpoint_made",
    "签发日志检查点",
    CHECKPOINT,
    labels={"chain_hash": "链哈希", "platform": "平台", "sequence": "序号"},
)

JOURNAL = subject("journal", "日志", has_trace=False, is_topic=True)
ALARMS = {
    "chain": "封存链中没有已签发的检查点，已停止封存",
    "content": "封存后的记录与封存时不同，未签发检查点",
    "clock": "记录的时间跳变",
    "foreign": "库中有不是本平台密钥签发的检查点",
    "key": "检查点的密钥或文件不可用",
}
JOURNAL_ALARM = event("journal_alarm", "日志告警", JOURNAL, labels={"code": Label("告警", ALARMS)})
# What a service wrote of the rows that are reconciled; the subject is the database's transaction.
ROW_FACTS = subject("row_facts", "数据版本", has_trace=False)
ROWS_KEPT = event("rows_kept", "封存数据版本", ROW_FACTS)
