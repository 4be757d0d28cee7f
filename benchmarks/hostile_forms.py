"""Forms that are meant to hurt: how long the import takes to refuse each kind, and in how much memory.

    python -m benchmarks.hostile_forms          every kind, each in a process of its own
    python -m benchmarks.hostile_forms KIND     one kind in this process

`seconds` is by the clock on the wall, with a child process for expressions that has been started; `processor` is what
the import and its child used of it, which a busy machine does not change. Memory is the most that each of the two held.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from service.fhir.importing.form import read_form
from service.fhirpath import engine
from service.fhirpath.check import COUNT
from tests.forms import CALCULATED, PRACTICE, small_form, to_bytes

GOAL_SECONDS, GOAL_MEGABYTES = 1.0, 150
HL7 = "http://hl7.org/fhir/StructureDefinition"
Json = dict[str, Any]


def question(number: int, **more: Any) -> Json:
    return {"linkId": f"q{number}", "text": "How many", "type": "integer", **more}


def calculated(number: int, text: str) -> Json:
    expression = {"url": CALCULATED, "valueExpression": {"language": "text/fhirpath", "expression": text}}
    return {"linkId": f"c{number}", "text": "Sum", "type": "decimal", "extension": [expression]}


def working_out(text: str, count: int = 300) -> Json:
    """`text` is written with the number of its item in place of @, so that no two are alike."""
    word = {"linkId": "s", "text": "A word", "type": "string"}
    return small_form(
        *map(question, range(60)), word, *(calculated(n, text.replace("@", str(n))) for n in range(count))
    )


def circle_of_conditions() -> Json:
    def shown(by: int) -> Json:
        return {"enableWhen": [{"question": f"q{by}", "operator": "exists", "answerBoolean": True}]}

    return small_form(*(question(n, **shown((n + 1) % 900)) for n in range(900)))


def nested(levels: int) -> Json:
    item = question(0)
    for level in range(levels):
        item = {"linkId": f"g{level}", "text": "Part", "type": "group", "item": [item]}
    return small_form(item)


FORMS: Mapping[str, Callable[[], Json]] = {
    "circle of conditions": circle_of_conditions,
    "circle of expressions": lambda: small_form(
        *(calculated(n, f"%resource.item.where(linkId='c{(n + 1) % 300}').answer.value") for n in range(300))
    ),
    "one linkId on all": lambda: small_form(*(question(0) for _ in range(2_000))),
    "ten thousand items": lambda: small_form(*map(question, range(10_000))),
    "thirty levels": lambda: nested(30),
    "hundred levels": lambda: nested(100),
    "unknown modifier": lambda: small_form(question(0, modifierExtension=[{"url": "http://x.example/not"}])),
    "external value set": lambda: small_form(
        question(0) | {"type": "choice", "required": True, "answerValueSet": "http://x.example/vs"}
    ),
    "wrong types": lambda: small_form(question(0, enableWhen=7, answerOption="a", item={"linkId": [1]})),
    "too many expressions": lambda: working_out("%resource.item.count() + @", 900),
    "as many as may be": lambda: working_out("%resource.item.count() + @", COUNT),
    "endless loop": lambda: working_out("(1).repeat($this + 1 + @).count()"),
    "exploding tree": lambda: working_out("%resource.descendants().select(%resource.descendants()).count() + @"),
    "exploding pattern": lambda: working_out("%resource.item.where(linkId='s').answer.value.matches('(a|a)+@$')"),
    "exploding number": lambda: working_out("10.power(5000).power(@+100)"),
    "exploding text": lambda: working_out(f"'{'a' * 900}'.replace('a','{'b' * 900}').replace('b','{'c' * 900}')", 5),
    "deep brackets": lambda: working_out(f"{'(' * 90}@{')' * 90}", 50),
    "long path": lambda: working_out(f"a@{'.b' * 700}", 7),
    "never settles": lambda: working_out("now().toString().length() + %resource.descendants().count() + @"),
}


def measure(kind: str) -> Json:
    read_form(to_bytes(small_form(calculated(0, "1 + 1"))), PRACTICE)
    data = to_bytes(FORMS[kind]())
    started, used = time.perf_counter(), time.process_time()
    reading = read_form(data, PRACTICE)
    seconds, used = time.perf_counter() - started, time.process_time() - used
    engine.close()
    child = resource.getrusage(resource.RUSAGE_CHILDREN)
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = next(iter(reading.refusals), None)
    return {
        "seconds": seconds,
        "processor": used + child.ru_utime + child.ru_stime,
        "megabytes": mine / 1024,
        "child": child.ru_maxrss / 1024,
        "told": f"{told.link_id or told.path}: {told.words}" if told else "accepted",
    }


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(measure(sys.argv[1])))
        return
    print(f"goal: refused within {GOAL_SECONDS:.0f} s and {GOAL_MEGABYTES} MB; processor counts the start of the child")
    for kind in FORMS:
        done = subprocess.run([sys.executable, "-m", __spec__.name, kind], capture_output=True, check=True)
        found = json.loads(done.stdout)
        figures = " ".join(f"{name} {found[name]:6.2f}" for name in ("seconds", "processor", "megabytes", "child"))
        print(f"{kind:22} {figures}  {found['told'][:90]}")


if __name__ == "__main__":
    main()
