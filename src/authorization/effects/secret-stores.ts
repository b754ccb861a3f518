import {
  always,
  type Group,
  live,
  liveRead,
  named,
  prints,
  type Row,
  reads,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";
import { hostOf } from "./urls.ts";

/** Stores of secrets: their state may be looked at, what they keep may not, and neither may its names. */

const keepsSecrets = always("explicit", "credential-read", "host", "handles keys, certificates or secrets");

// An address named here is sent the token.
const vaultOptions = "format= address= namespace= ns= tls-skip-verify ca-cert= detailed";
const vaultLook = (more = ""): Row => ({
  options: `${vaultOptions} ${more}`,
  style: "word",
  plain: true,
  judge: (call) => {
    const hosts = valuesOf(call.scan, "address").map((word) => hostOf(word) ?? textOf(word));
    return [
      hosts.length === 0 ? liveRead(call.rule) : { ...liveRead(call.rule, hosts.join(" ")), needs: hosts },
    ];
  },
});
const vault: Group = {
  global: "",
  subs: {
    status: vaultLook(),
    ...named("secrets auth audit plugin namespace", {
      global: "",
      subs: { list: vaultLook(), "*": keepsSecrets },
    }),
    policy: {
      global: "",
      subs: { ...named("list read", vaultLook()), fmt: keepsSecrets, "*": keepsSecrets },
    },
    token: { global: "", subs: { capabilities: vaultLook(), "*": keepsSecrets } },
    lease: { global: "", subs: { "*": keepsSecrets } },
    kv: {
      global: "",
      subs: {
        metadata: { global: "", subs: { get: vaultLook("mount="), "*": keepsSecrets } },
        "*": keepsSecrets,
      },
    },
    operator: {
      global: "",
      subs: {
        raft: {
          global: "",
          subs: {
            "list-peers": vaultLook(),
            autopilot: {
              global: "",
              subs: { ...named("state get-config", vaultLook()), "*": keepsSecrets },
            },
            "*": keepsSecrets,
          },
        },
        members: vaultLook(),
        "*": keepsSecrets,
      },
    },
    ...named("version version-history path-help", vaultLook()),
    "*": keepsSecrets,
  },
};

export const secretStores = (): Table => ({
  ...named("vault bao", vault),
  sops: {
    global: "",
    subs: { filestatus: reads(""), "*": keepsSecrets },
    bare: prints(),
  },
  bw: {
    global: "pretty raw response quiet nointeraction",
    subs: {
      ...named("status", live("pretty raw")),
      ...named("sdk-version update", prints("pretty raw")),
      "*": keepsSecrets,
    },
  },
  op: {
    global: "account= format= no-color cache",
    subs: {
      whoami: live(""),
      ...named("account vault user group", {
        global: "",
        subs: { ...named("list ls get", live("format= user= group=")), "*": keepsSecrets },
      }),
      "*": keepsSecrets,
    },
  },
  pass: { global: "", subs: { ...named("version help", prints()), "*": keepsSecrets }, bare: keepsSecrets },
  gopass: { global: "", subs: { ...named("version help", prints()), "*": keepsSecrets }, bare: keepsSecrets },
  chezmoi: {
    global: "no-pager color= no-tty S= source= D= destination=",
    subs: {
      ...named(
        "managed unmanaged ignored source-path target-path doctor",
        live("i= include= x= exclude= p= path-style= format= tree t no-network"),
      ),
      "*": keepsSecrets,
    },
  },
  ...named(
    "lpass secret-tool kinit gnome-keyring-daemon age-keygen wg-genkey cfssljson doppler infisical security aws-vault ansible-vault htdigest ssh-copy-id gpg-agent gpg-connect-agent gpg-preset-passphrase keyring rbw keepassxc-cli kpcli pinentry pass-otp oathtool credstash teller berglas bws git-secret blackbox_cat envchain summon tomb certbot-auto lego dehydrated easyrsa cfssl-bundle p11tool pkcs11-tool pkcs15-tool",
    keepsSecrets,
  ),
});
