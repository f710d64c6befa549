"""The outcome of a self-attack for programs: JSON, and JUnit XML for CI."""

import json
from collections import Counter
from collections.abc import Sequence

from lxml import etree

from broker.attacks.case import Family
from broker.attacks.live.firing import Result


def by_family(results: Sequence[Result]) -> dict[Family, tuple[int, int]]:
    """How many cases of each family passed, of how many that were fired, in the order of the threats."""
    fired = Counter(result.case.family for result in results if result.lacking is None)
    passed = Counter(result.case.family for result in results if result.passed)
    present = {result.case.family for result in results}
    return {family: (passed[family], fired[family]) for family in Family if family in present}


def as_json(target: str, results: Sequence[Result]) -> str:
    """The results, case by case."""
    passed = sum(result.passed for result in results)
    document = {
        "target": target,
        "fired": sum(result.lacking is None for result in results),
        "passed": passed,
        "families": {
            family: {"passed": good, "fired": all_} for family, (good, all_) in by_family(results).items()
        },
        "cases": [
            {
                "id": result.case.id,
                "family": result.case.family,
                "title": result.case.title,
                "source": result.case.source,
                "expected": result.case.reaction,
                "audit": result.case.audit,
                "passed": result.passed,
                "wrong": result.wrong,
                "not_fired": result.lacking,
                "seconds": round(result.seconds, 3),
            }
            for result in results
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_junit(target: str, results: Sequence[Result]) -> bytes:
    """The results as one test suite per family."""
    root = etree.Element("testsuites", name=f"self-attack {target}")
    for family in by_family(results):
        mine = [result for result in results if result.case.family is family]
        counts = {
            "tests": len(mine),
            "failures": sum(result.wrong is not None for result in mine),
            "errors": 0,
            "skipped": sum(result.lacking is not None for result in mine),
        }
        suite = etree.SubElement(
            root, "testsuite", {"name": family, **{name: str(count) for name, count in counts.items()}}
        )
        for result in mine:
            case = etree.SubElement(
                suite, "testcase", classname=family, name=result.case.id, time=f"{result.seconds:.3f}"
            )
            if result.lacking is not None:
                etree.SubElement(case, "skipped", message=result.lacking)
            if result.wrong is not None:
                failure = etree.SubElement(case, "failure", message=result.wrong)
                failure.text = (
                    f"{result.case.title}: {result.case.reaction} was expected ({result.case.source})"
                )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
