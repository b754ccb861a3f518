import { describe, expect, test } from "vitest";
import {
  canonicalHost,
  isLoopback,
  mayResolveTo,
  parseAuthority,
  showDestination,
} from "../../../src/workspace/destinations.ts";

describe("an authority", () => {
  test.each([
    ["api.example.com:443", "api.example.com:443"],
    ["API.Example.COM:443", "api.example.com:443"],
    ["api.example.com", "api.example.com:443"],
    ["127.0.0.1:11434", "127.0.0.1:11434"],
    ["[::1]:80", "[::1]:80"],
    ["[0:0:0:0:0:0:0:1]:80", "[::1]:80"],
    ["[2001:DB8:0::1]", "[2001:db8::1]:443"],
    ["my_model:80", "my_model:80"],
  ])("%s is %s", (text, shown) => {
    const read = parseAuthority(text, 443);
    expect(read && showDestination(read)).toBe(shown);
  });

  test.each([
    ["a dot at the end", "api.example.com.:443"],
    ["a user", "api.example.com@evil.test:443"],
    ["a user behind a port", "api.example.com:443@evil.test"],
    ["a percent sign", "api%2eexample.com:443"],
    ["a zone", "[fe80::1%25eth0]:443"],
    ["a path", "api.example.com:443/x"],
    ["a fragment", "api.example.com:443#x"],
    ["a backslash", "api.example.com\\evil.test:443"],
    ["white space", "api.example.com :443"],
    ["a line feed", "api.example.com:443\n"],
    ["letters that look like others", "аpi.example.com:443"],
    ["an open bracket", "[::1:443"],
    ["brackets round a name", "[api.example.com]:443"],
    ["brackets round IPv4", "[127.0.0.1]:443"],
    ["a bare IPv6", "::1"],
    ["port 0", "api.example.com:0"],
    ["port 65536", "api.example.com:65536"],
    ["a port in words", "api.example.com:https"],
    ["two ports", "api.example.com:443:80"],
    ["no port after the colon", "api.example.com:"],
    ["nothing", ""],
    ["a name of more than 253 letters", `${"a".repeat(254)}:443`],
  ])("with %s is none", (_, text) => {
    expect(parseAuthority(text, 443)).toBe(null);
  });

  test("without a port is none where the caller has no default", () => {
    expect(parseAuthority("api.example.com", null)).toBe(null);
  });

  test("other spellings of an address stay other names", () => {
    for (const spelling of ["0x7f000001", "2130706433", "127.1", "0177.0.0.1"])
      expect(canonicalHost(spelling)).toBe(spelling);
  });
});

describe("where a name may lead", () => {
  const vendor = { host: "api.example.com", port: 443 };
  const own = { ...vendor, private: true };
  const local = { host: "localhost", port: 80 };
  test.each([
    ["a public address", "93.184.216.34", [true, true, false]],
    ["public IPv6", "2606:4700::1111", [true, true, false]],
    ["loopback", "127.0.0.1", [false, false, true]],
    ["all of 127/8", "127.99.0.1", [false, false, true]],
    ["loopback of IPv6", "::1", [false, false, true]],
    ["loopback written as IPv6", "::ffff:127.0.0.1", [false, false, true]],
    ["loopback behind NAT64", "64:ff9b::7f00:1", [false, false, false]],
    ["a public address behind NAT64", "64:ff9b::5db8:d822", [true, true, false]],
    ["this host", "0.0.0.0", [false, false, false]],
    ["no address of IPv6", "::", [false, false, false]],
    ["the link, where clouds keep their keys", "169.254.169.254", [false, false, false]],
    ["the link in IPv6", "fe80::1", [false, false, false]],
    ["the link written as IPv6", "::ffff:169.254.169.254", [false, false, false]],
    ["the link inside 6to4", "2002:a9fe:a9fe::1", [false, false, false]],
    ["everybody", "255.255.255.255", [false, false, false]],
    ["a group", "224.0.0.1", [false, false, false]],
    ["a private network", "10.1.2.3", [false, true, false]],
    ["another", "172.31.255.1", [false, true, false]],
    ["and one more", "192.168.0.1", [false, true, false]],
    ["a private network written as IPv6", "::ffff:10.1.2.3", [false, true, false]],
    ["a private network behind NAT64", "64:ff9b::a01:203", [false, true, false]],
    ["a private network of IPv6", "fd00::1", [false, true, false]],
    ["a carrier's network", "100.64.0.1", [false, true, false]],
  ])("%s", (_, address, [byVendor, byOperator, byLocalhost]) => {
    expect(mayResolveTo(vendor, address)).toBe(byVendor);
    expect(mayResolveTo(own, address)).toBe(byOperator);
    expect(mayResolveTo(local, address)).toBe(byLocalhost);
  });

  test("what is on this machine by its name", () => {
    for (const host of ["127.0.0.1", "127.0.0.2", "::1", "localhost", "model.localhost"])
      expect(isLoopback(host), host).toBe(true);
    for (const host of ["0.0.0.0", "10.0.0.1", "localhost.example.com", "mylocalhost", "::2"])
      expect(isLoopback(host), host).toBe(false);
  });
});
