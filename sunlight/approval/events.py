"""An organisation's approval chains, who stands in for whom, and the requests that wait for them."""

from sunlight.approval.workflows import ApprovalState
from sunlight.journal.declared import event, labels, subject

labels(
    {
        "counted_fen": "计入审批的合计（元）",
        "delegate": "代理人",
        "for_user": "代何人办理",
        "from_fen": "起点金额（元）",
        "label": "步骤名称",
        "matter": "事项",
        "payload": "申请内容",
        "principal": "委托人",
        "step": "步骤序号",
        "steps": "步骤",
    }
)

APPROVAL = subject("approval", "审批", states=ApprovalState)
APPROVAL_ASKED = event("approval_asked", "提交审批", APPROVAL)
APPROVAL_PASSED = event("approval_passed", "审批同意", APPROVAL)
APPROVAL_REJECTED = event("approval_rejected", "审批不同意", APPROVAL)
APPROVAL_WITHDRAWN = event("approval_withdrawn", "撤回审批", APPROVAL)

APPROVAL_CHAIN = subject("approval_chain", "审批流程", aliases=("chain",), has_trace=False)
APPROVAL_CHAIN_SET = event("approval_chain_set", "设置审批流程", APPROVAL_CHAIN, labels={"from": "生效日"})

APPROVAL_DELEGATION = subject("approval_delegation", "审批委托", has_trace=False)
APPROVAL_DELEGATED = event("approval_delegated", "委托审批", APPROVAL_DELEGATION)
APPROVAL_DELEGATION_REVOKED = event("approval_delegation_revoked", "撤销委托", APPROVAL_DELEGATION)
