import { expect, test } from "vitest";
import type { InputOf } from "../../../src/agents/pass-input.ts";
import type { Review } from "../../../src/agents/roles.ts";
import { contradictionIn } from "../../../src/pipeline/contradictions.ts";
import {
  check,
  closerInput,
  criterion,
  reviewerInput,
  reviewOf,
  ticketView,
} from "../../support/pass-inputs.ts";
import { finding } from "./run-records.ts";

const red = [check({ on: "base", passed: false }), check({ passed: false })];
const green = [check({ on: "base" }), check()];
const criteria = (...judged: [ac: string, met: boolean][]) => ({
  criteria: judged.map(([ac, met]) => ({ ac, met, evidence: "looked" })),
});
const ticket = (given: Parameters<typeof criterion>[0]) => ({
  ticket: ticketView({ criteria: [criterion(given)] }),
});

test.each<[what: string, input: Partial<InputOf<"reviewer">>, review: Partial<Review>, problem: RegExp]>([
  ["the candidate's check is red", { checks: red }, {}, /own check of AC1 is red/],
  [
    "the live check is red",
    { checks: [...reviewerInput().checks, check({ on: "live", passed: false })] },
    {},
    /own check of AC1 is red/,
  ],
  ["the check was green before", { checks: green }, {}, /AC1 passed before the change too/],
  ["a criterion is left out", {}, criteria(), /nothing about AC1/],
  ["a criterion is somebody else's", {}, criteria(["AC1", true], ["AC2", true]), /AC2 is no criterion/],
  [
    "a criterion is judged twice",
    {},
    criteria(["AC1", true], ["AC1", false]),
    /AC1 is no criterion, or is judged twice/,
  ],
  ["a criterion is not met", {}, criteria(["AC1", false]), /says that AC1 is not met/],
  ["a major finding is open", {}, { findings: [finding()] }, /major finding F1 is open/],
  [
    "a finding of the last round is gone",
    { findings: [finding()] },
    {},
    /F1 of the round before is neither closed nor kept/,
  ],
])("an approval is not believed when %s", (_, input, review, problem) => {
  expect(contradictionIn(reviewerInput(input), reviewOf(review))).toMatch(problem);
  expect(contradictionIn(reviewerInput(input), reviewOf({ ...review, verdict: "changes" }))).toBeNull();
});

test.each<[what: string, input: Partial<InputOf<"reviewer">>, review: Partial<Review>]>([
  ["an honest change", {}, {}],
  ["a guard that was green before", { checks: green, ...ticket({ baseline: "green" }) }, {}],
  ["a waived criterion that was green before", { checks: green, ...ticket({ waived: "not any more" }) }, {}],
  ["a waived criterion that is red", { checks: red, ...ticket({ waived: "not any more" }) }, {}],
  [
    "what only a person can attest",
    { checks: [], ...ticket({ verify: null, attest: "sara" }) },
    criteria(["AC1", false]),
  ],
  ["a minor finding", {}, { findings: [{ ...finding(), severity: "minor" }] }],
  [
    "a finding that was closed",
    { findings: [finding()] },
    { findings: [{ ...finding(), status: "closed" }] },
  ],
])("an approval of %s is believed", (_, input, review) => {
  expect(contradictionIn(reviewerInput(input), reviewOf(review))).toBeNull();
});

test("other roles give no verdict", () => {
  expect(contradictionIn(closerInput(), {})).toBeNull();
});
