"""The demo company's customers: the people to play and the invented rest, the same for a seed and a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from backend.claims.catalogue import catalogue
from backend.customers.models import Gender, IdType
from backend.demo import generate_policies
from backend.demo.generate_claims import ENDS_THE_POLICY, WEIGHTS, claim, kind_of_claim
from backend.demo.identity import PROVINCES, fiction_phones, resident_id, unassigned_phone
from backend.demo.names import chinese_name, english_name, names
from backend.demo.people import people
from backend.demo.person import Person
from backend.demo.specs import ClaimSpec, PolicySpec

SEED = 2026
CUSTOMERS = 260
CLAIMS = 290
OVERSEAS_SHARE = 0.25  # of the people, with +1 numbers


class Numbers:
    """Numbers in sequence: P2025001001, P2025001002, …; below 1000 are the people to play."""

    def __init__(self) -> None:
        self._last: Counter[tuple[str, int]] = Counter()

    def __call__(self, prefix: str, year: int) -> str:
        self._last[prefix, year] += 1
        return f"{prefix}{year}{1000 + self._last[prefix, year]:06d}"


def company(today: date, seed: int = SEED) -> list[Person]:
    """Everybody with policies and claims, as of `today`."""
    rng, numbers = Random(seed), Numbers()
    played = people(today)
    invented = list(_strangers(rng, played, today))
    insured = [replace(person, policies=_policies(rng, person, today, numbers)) for person in invented]
    return played + _with_claims(rng, insured, today, numbers)


def _strangers(rng: Random, played: list[Person], today: date) -> Iterator[Person]:
    """People with names and phones of their own, not yet customers of anything."""
    taken_names = {person.name for person in played}
    taken_phones = {person.phone for person in played}
    fiction = (phone for phone in fiction_phones() if phone not in taken_phones)
    overseas = round(CUSTOMERS * OVERSEAS_SHARE)
    for index in range(CUSTOMERS - len(played)):
        is_overseas = index < overseas
        phone = next(fiction) if is_overseas else unassigned_phone(index + 1)
        person = _stranger(rng, index, phone, is_overseas, today)
        while person.name in taken_names:
            person = _stranger(rng, index, phone, is_overseas, today)
        taken_names.add(person.name)
        yield person


def _stranger(rng: Random, index: int, phone: str, is_overseas: bool, today: date) -> Person:
    gender = rng.choice((Gender.FEMALE, Gender.MALE))
    born = today - timedelta(days=rng.randrange(22 * 365, 64 * 365))
    region, place = rng.choice(names().overseas if is_overseas else names().regions)
    house = rng.randrange(1, 200)
    if is_overseas and index % 2:
        name = latin = english_name(rng, gender)
        id_type, id_number = IdType.PASSPORT, f"X{rng.randrange(10**5, 10**8):08d}"
        language, address = "en", f"{house} Example Street, {region}, {place}"
    else:
        name, latin = chinese_name(rng, gender)
        order = rng.randrange(1, 500) * 2 - (gender == Gender.MALE)
        province = PROVINCES.get(region) or rng.choice(list(PROVINCES.values()))
        id_type, id_number = IdType.RESIDENT_ID, resident_id(province, born, order)
        language = "zh-Hans"
        address = f"{house} Example Street, {region}, {place}" if is_overseas else f"{place}演示路 {house} 号"
    return Person(
        number=f"{200001 + index}",
        name=name,
        latin_name=latin,
        gender=gender,
        birth_date=born,
        phone=phone,
        language=language,
        channel="sms" if is_overseas else rng.choice(("wechat", "wechat", "web")),
        id_type=id_type,
        id_number=id_number,
        region=region,
        address=address,
    )


def _policies(rng: Random, person: Person, today: date, numbers: Numbers) -> tuple[PolicySpec, ...]:
    holder = (person.name, person.birth_date)
    kinds = generate_policies.products_of(rng)
    return tuple(generate_policies.policy(rng, kind, holder, today, numbers) for kind in kinds)


def _with_claims(rng: Random, insured: list[Person], today: date, numbers: Numbers) -> list[Person]:
    """Claims in every stage, spread over the policies that were in force."""
    under = [(person, policy) for person in insured for policy in person.policies]
    claims: dict[str, list[ClaimSpec]] = {}
    ended: set[str] = set()
    stages = list(WEIGHTS)
    made = 0
    while made < CLAIMS:
        kind = kind_of_claim(rng)
        # The first claims go through all stages, so that each has several whatever the seed.
        drawn = rng.choices(stages, list(WEIGHTS.values()))[0]
        stage = stages[made % len(stages)] if made < 4 * len(stages) else drawn
        products = catalogue().types[kind].products
        person, policy = rng.choice([pair for pair in under if pair[1].product in products])
        if policy.number in ended or (kind == "death" and policy.insured_name == person.name):
            continue  # who died does not write to us
        spec = claim(rng, kind, policy, stage, today, numbers)
        if spec is None:
            continue
        claims.setdefault(person.number, []).append(spec)
        made += 1
        if kind in ENDS_THE_POLICY:
            ended.add(policy.number)
    return [replace(person, claims=tuple(claims.get(person.number, ()))) for person in insured]
