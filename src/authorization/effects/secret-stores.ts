import { always, type Group, live, named, prints, reads, type Table } from "./row.ts";

/** Stores of secrets: their state may be looked at, what they keep may not, and neither may its names. */

const keepsSecrets = always("explicit", "credential-read", "host", "handles keys, certificates or secrets");

const vaultLook = "format= address= namespace= ns= tls-skip-verify ca-cert= detailed";
const vault: Group = {
  global: "",
  subs: {
    status: live(vaultLook, "word"),
    ...named("secrets auth audit plugin namespace", {
      global: "",
      subs: { list: live(vaultLook, "word"), "*": keepsSecrets },
    }),
    policy: {
      global: "",
      subs: { ...named("list read", live(vaultLook, "word")), fmt: keepsSecrets, "*": keepsSecrets },
    },
    token: { global: "", subs: { capabilities: live(vaultLook, "word"), "*": keepsSecrets } },
    lease: { global: "", subs: { "*": keepsSecrets } },
    kv: {
      global: "",
      subs: {
        metadata: { global: "", subs: { get: live(`${vaultLook} mount=`, "word"), "*": keepsSecrets } },
        "*": keepsSecrets,
      },
    },
    operator: {
      global: "",
      subs: {
        raft: {
          global: "",
          subs: {
            "list-peers": live(vaultLook, "word"),
            autopilot: {
              global: "",
              subs: { ...named("state get-config", live(vaultLook, "word")), "*": keepsSecrets },
            },
            "*": keepsSecrets,
          },
        },
        members: live(vaultLook, "word"),
        "*": keepsSecrets,
      },
    },
    ...named("version version-history path-help", live(vaultLook, "word")),
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
