import { describe, expect, test } from "vitest";
import { endpointsOf } from "../../../src/agents/adapters/endpoints.ts";
import { showDestination } from "../../../src/workspace/destinations.ts";

const row = { endpoints: [{ host: "api.example.com", port: 443 }] };
const shown = (baseUrl: string | null, hosts: string[] = []) =>
  endpointsOf({ row, baseUrl, hosts }).map((each) => `${showDestination(each)}${each.private ? " own" : ""}`);

describe("the servers of an agent", () => {
  test("are its row's, and what the operator adds may be private", () => {
    expect(shown(null, ["Proxy.corp", "127.0.0.1:11434", "[::1]:80"])).toEqual([
      "api.example.com:443",
      "proxy.corp:443 own",
      "127.0.0.1:11434 own",
      "[::1]:80 own",
    ]);
  });

  test.each([
    ["https://llm.corp/v1", "llm.corp:443 own"],
    ["http://llm.corp/v1", "llm.corp:80 own"],
    ["HTTP://127.0.0.1:11434", "127.0.0.1:11434 own"],
    ["https://llm.corp:8443?x=1", "llm.corp:8443 own"],
  ])("with another base address are that one: %s", (baseUrl, server) => {
    expect(shown(baseUrl)).toEqual([server]);
  });

  test.each(["https://u:p@llm.corp/", "llm.corp/v1", "ftp://llm.corp", "https://"])(
    "a base address that names no one server is a mistake: %s",
    (baseUrl) => {
      expect(() => shown(baseUrl)).toThrow(/names no server/);
    },
  );

  test.each(["https://llm.corp", "*.corp", "llm.corp/", "llm.corp.", "a b"])(
    "a host that is none: %s",
    (host) => {
      expect(() => shown(null, [host])).toThrow(/names no server/);
    },
  );
});
