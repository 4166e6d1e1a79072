#!/usr/bin/env bash
# One product from the national workbook to a paid invoice, by curl alone. Needs a running demonstration:
#   bash docs/api/trade.sh http://127.0.0.1:8000
# Each step is one request by whoever may make it; a refusal stops the script and prints the problem document.
set -euo pipefail
site=${1:-http://127.0.0.1:8000}
api=$site/api/v1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stamp=$(printf '%05d' $(($(date +%s) % 100000)))
today=$(TZ=CST-8 date +%F) # the platform's day, in Shanghai

# pick FIELD…: a value of the last answer, by its path
pick() { python3 -c 'import json,sys
value=json.load(open(sys.argv[1]))
for key in sys.argv[2:]: value=value[int(key)] if isinstance(value,list) else value[key]
print(value)' "$work/answer" "$@"; }

# call TOKEN METHOD PATH [curl arguments…]
call() {
    local token=$1 method=$2 path=$3 status
    shift 3
    status=$(curl -sS -o "$work/answer" -w '%{http_code}' -X "$method" -H "Authorization: Bearer sun_demo_$token" "$@" "$api/$path")
    if [ "$status" -ge 400 ]; then echo "$method $path: $status" >&2; cat "$work/answer" >&2; echo >&2; exit 1; fi
}
# send TOKEN PATH JSON: a POST with an Idempotency-Key, so that sending it again changes nothing
send() { call "$1" POST "$2" -H 'Content-Type: application/json' -H "Idempotency-Key: $stamp-$2" -d "$3"; }

echo "1 运营机构导入国家目录"
generic=C02010100102001$stamp
code=${generic}0000001
certificate=国械注准20263$stamp
cat > "$work/release.csv" <<CSV
GOODS_ID,UDI,原27位码,原码状态,27位码,类型,20位码,一级分类,二级分类,三级分类,医保通用名分类,材质,特征,注册备案号,单件产品名称,耗材企业,规格型号数,规格,型号,医保通用名编号,医保通用名
9$stamp,,$code,保留,$code,保留,$generic,02-血管介入治疗类材料,01-冠状动脉介入,01-冠状动脉支架,001-支架,02-铂铬合金,001-雷帕霉素,$certificate,接口示例支架 $stamp,示范医疗器械有限公司,1,3.0×18,API-$stamp,${generic:1:14},支架
CSV
call operator POST catalog-imports/ -F "file=@$work/release.csv"
test "$(pick rows_taken)" = 1

echo "2 生产企业申请挂网并承诺，运营机构审核"
send maker1 listings/ '{"codes": ["'"$code"'"], "pricing_unit": "套", "declared_price": "800.00", "certificate": {"number": "'"$certificate"'", "holder_name": "示范医疗器械有限公司", "product_name": "接口示例支架", "valid_until": "2031-12-31"}}'
listing=$(pick id) group=$(pick price_group)
call maker1 GET "listings/$listing/"
send maker1 "listings/$listing/submit/" '{"commitment_sha256": "'"$(pick commitment sha256)"'"}'
send operator "listings/$listing/approve/" '{"note": "资料齐全"}'

echo "3 申报省外价格，确认后发布预警线"


send maker1 declarations/ '{"price_group": '"$group"', "commitment": {"version": "2025-01", "accepted": true}, "prices": [{"province": "320000", "price": "760.00", "valid_from": "2026-01-01", "evidence": "苏采公示 2026-1"}, {"province": "330000", "price": "755.00", "valid_from": "2026-01-01", "evidence": "浙采公示 2026-8"}]}'
send operator "declarations/$(pick id)/confirm/" '{}'
call buying1 GET "products/$group/"

echo "4 医院报价，企业接受，双方签署合同"
send buying1 offers/ '{"price_group": '"$group"', "price": "750.00", "quantity": "200"}'
offer=$(pick id)
send maker1 "offers/$offer/accept/" '{}'
contract=$(pick id) sha=$(pick text_sha256)
send maker1 "contracts/$contract/sign/" '{"text_sha256": "'"$sha"'"}'
send approving1 "contracts/$contract/sign/" '{"text_sha256": "'"$sha"'"}'

echo "5 医院下单，企业确认，配送企业发货"
call buying1 GET delivery-points/
point=$(pick results 0 id)
send buying1 orders/ '{"delivery_point": '"$point"', "plan_number": "P'"$stamp"'", "lines": [{"code": "'"$code"'", "quantity": "20", "plan_number": "P'"$stamp"'", "plan_line": "1"}]}'
order=$(pick 0 id)
call maker1 GET "orders/$order/"
line=$(pick lines 0 id)
send maker1 "orders/$order/accept/" '{}'
send distributor1 "orders/$order/deliveries/" '{"note_number": "PS'"$stamp"'", "lines": [{"order_line": '"$line"', "quantity": "20", "lot": "L'"$stamp"'", "expires_on": "2028-12-31"}]}'
delivery=$(pick id) delivery_line=$(pick lines 0 id)

echo "6 医院验收，配送企业开票，三单匹配"
send receiving1 "deliveries/$delivery/acceptance/" '{"arrived_on": "'"$today"'", "lines": [{"delivery_line": '"$delivery_line"', "accepted": "20", "rejected": "0"}]}'
acceptance_line=$(pick lines 0 id)
send distributor1 invoices/ '{"number": "26447000000000'"1$stamp"'", "issued_on": "'"$today"'", "tax_rate": "0.13", "net": "13274.34", "tax": "1725.66", "amount": "15000.00", "lines": [{"acceptance_line": '"$acceptance_line"', "quantity": "20", "price": "750.00", "amount": "15000.00"}]}'
test "$(pick state)" = MATCHED
call paying1 GET "payables/?state=OPEN&limit=1"
payable=$(pick results 0 id)

echo "7 医院财务编制付款批次，另一人复核，从监管账户划付"
send paying1 payment-runs/ '{"payables": ['"$payable"']}'
run=$(pick id)
send approving-payments1 "payment-runs/$run/approve/" '{}'
call paying1 GET "payment-runs/$run/"
test "$(pick state)" = DONE
call distributor1 GET "payments/?run=$run"
echo "付款 $(pick results 0 number)：$(pick results 0 amount) 元，$(pick results 0 state_label)"
