"""Who the demo chain's customers are: made up, the same every time."""

import csv
import io
from collections.abc import Collection
from random import Random

from samples.demo.people import GIVEN, SEED, STORES, SURNAMES
from samples.demo.trade import members

COLUMNS = ("会员号", "姓名", "手机号", "性别", "生日", "城市", "门店编码", "导购工号", "标签")
TAGS = ("偏好香氛", "敏感肌", "爱囤货", "送礼", "新品尝鲜", "")
# Of a block that no operator has given out to people.
FIRST_PHONE = 19900000000


def member_file(but: Collection[str]) -> io.BytesIO:
    """All members except those numbers, as a till system would export them: CSV."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    numbers = [(number, store, name, guide) for store, name, _ in STORES for number, guide in members(store)]
    for position, (number, store, store_name, guide) in enumerate(numbers):
        if number not in but:
            table.writerow(_row(number, store, store_name, guide or "", FIRST_PHONE + position))
    return io.BytesIO(text.getvalue().encode())


def _row(number: str, store: str, store_name: str, guide: str, phone: int) -> tuple[str, ...]:
    random = Random(f"{SEED} {number}")
    start = random.randrange(len(GIVEN) // 2) * 2
    name = random.choice(SURNAMES) + GIVEN[start : start + 2]
    gender = "女" if random.random() < 0.85 else "男"
    birthday = f"{random.randint(1968, 2004)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    # Not everybody tells everything.
    told = random.random()
    shown = (name, str(phone), gender, birthday if told < 0.7 else "", store_name[:2] if told < 0.5 else "")
    return (number, *(shown if told < 0.92 else (name, "", "", "", "")), store, guide, random.choice(TAGS))
