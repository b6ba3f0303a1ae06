# The table of docs/conformance.md against the tests: every number of the lists has a test, each says what it is for,
# and the page is what table.py writes.
import re
import unittest

import nat64_requirements
import requirement
import table


class Table(unittest.TestCase):
    def test_every_requirement_has_a_test(self):
        claimed = {claim.number for claim in requirement.all_claims()}
        self.assertEqual([number for number in requirement.numbers if number not in claimed], [])

    def test_every_claim_is_of_the_list(self):
        unknown = [claim.number for claim in requirement.all_claims() if claim.number not in requirement.numbers]
        self.assertEqual(unknown, [])

    def test_tests_are_named_by_their_requirement(self):
        for claim in requirement.all_claims():
            letter, number = claim.number[0], int(claim.number[1:])
            self.assertRegex(claim.test.__name__, f"^test_{letter}{number:02}_[a-z0-9_]+$")

    def test_claims_are_sentences_with_a_paragraph(self):
        for claim in requirement.all_claims():
            with self.subTest(test=claim.test.__name__):
                self.assertRegex(claim.paragraph, r"^(RFC \d+|draft-|IANA)")
                self.assertNotRegex(claim.sentence, r"\.$")
                self.assertGreaterEqual(len(claim.sentence.split()), 4)

    def test_no_two_tests_of_a_class_have_one_name(self):
        # The second would take the place of the first, which then never runs.
        for path in requirement.programs():
            with open(f"{requirement.folder}/{path}.py", encoding="utf-8") as file:
                classes = re.split(r"^class ", file.read(), flags=re.M)
            for text in classes:
                names = re.findall(r"^    def (test_\w+)", text, re.M)
                self.assertEqual(sorted(names), sorted(set(names)), path)

    def test_every_requirement_of_the_nat64_has_a_test(self):
        shown = {place.number for place in nat64_requirements.places()}
        self.assertEqual([number for number in nat64_requirements.numbers if number not in shown], [])

    def test_tests_of_the_nat64_name_requirements_that_there_are(self):
        unknown = [place for place in nat64_requirements.places() if place.number not in nat64_requirements.numbers]
        self.assertEqual(unknown, [])

    def test_the_page_is_current(self):
        with open(table.page_path, encoding="utf-8") as file:
            self.assertEqual(
                file.read() == table.page(),
                True,
                "docs/conformance.md is not current: python3 tests/conformance/table.py > docs/conformance.md",
            )


if __name__ == "__main__":
    unittest.main(verbosity=2)
