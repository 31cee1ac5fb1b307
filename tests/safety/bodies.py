"""Bodies of requests that would do something, for the routes of `tests.safety.routes`."""

PERSON = {
    "id_type": "01",
    "id_number": "{free_id_number}",
    "name": "白一鸣",
    "sex": "1",
    "birth_date": "{free_birth_date}",
    "nationality": "01",
    "household_kind": "11",
    "mobile": "13800571234",
    "contact_address": "宁波市海曙区示范路1号",
}
INSURANCE = {
    "start_month": "2026-03",
    "reason": "01",
    "employment_form": "1",
    "personal_identity": "2",
    "person_category": "1101",
    "monthly_wage": "8000.00",
}
REPORT = {"kind": "insurance_certificate", "person_id": "{person_id}", "from_month": "2026-01", "to_month": "2026-02"}
RATE = {
    "insurance": "310",
    "employer_kind": "90",
    "first_month": "2026-05",
    "employer_rate": "0.08",
    "own_rate": "0.02",
    "source": "示例文件",
}
LIMITS = {"year": 2027, "lower": "5300.00", "upper": "26500.00", "source": "示例文件"}
REGISTRATION = {
    "kind": "agent",
    "uscc": "91330200MA2A0B1C3J",
    "unit_name": "甬江",
    "person": {"name": "白一鸣", "id_number": "330203199003071232", "mobile": "13800571234", "sms_code": "000000"},
    "username": "somebody",
    "password": "Qiantang-Chao-2026-xin",
}
CONTACT = {"legal_representative": "白一鸣", "contact": "白一鸣", "address": "某路1号"}
ACCOUNT = {"branch_code": "102332000014", "account_name": "某单位", "account_number": "{account_number}"}
FORGOTTEN = {"username": "jingban01", "mobile": "13800571234"}
