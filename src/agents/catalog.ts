/**
 * The agent CLIs that Nimrod knows: what is looked for on PATH, who is sent the repository, what they log in with and
 * where their model is. `doctor`, docs/agents.md and the adapters read this table; it starts and imports nothing.
 */

/** Where a CLI keeps what it logs in with. Names only: values are handed to the agent's process and to nothing else. */
export type Login = {
  /** Environment variables, any of which will do. */
  env: readonly string[];
  /** Files below the operator's home, any of which will do. */
  files: readonly string[];
};

type Endpoint = { host: string; port: number };

export type CatalogRow = {
  /** Name in the configuration, and of the adapter unless `adapter` says otherwise. */
  name: string;
  adapter: "claude" | "codex" | "gemini" | "acp";
  vendor: string;
  /** Program on PATH, with the words that start it. */
  command: readonly [string, ...string[]];
  /** Versions that the contract tests are run with. */
  tested: readonly string[];
  /** What a person types to get the tested version. */
  install: string;
  login: Login;
  /** What a person types to log in. */
  signIn: string;
  /** The model's own servers, and those of its login. */
  endpoints: readonly Endpoint[];
};

const https = (...hosts: string[]): Endpoint[] => hosts.map((host) => ({ host, port: 443 }));

/** In the order in which `"agent": "auto"` takes them. */
export const catalog: readonly CatalogRow[] = [
  {
    name: "claude",
    adapter: "claude",
    vendor: "Anthropic",
    command: ["claude"],
    tested: ["2.1.330"],
    install: "npm install --global @anthropic-ai/claude-code@2.1.330",
    login: {
      env: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
      files: [".claude/.credentials.json"],
    },
    signIn: "claude auth login",
    endpoints: https("api.anthropic.com", "console.anthropic.com", "platform.claude.com"),
  },
  {
    name: "codex",
    adapter: "codex",
    vendor: "OpenAI",
    command: ["codex"],
    tested: ["0.169.0"],
    install: "npm install --global @openai/codex@0.169.0",
    login: { env: ["OPENAI_API_KEY", "CODEX_API_KEY"], files: [".codex/auth.json"] },
    signIn: "codex login",
    endpoints: https("api.openai.com", "chatgpt.com", "auth.openai.com"),
  },
  {
    name: "gemini",
    adapter: "gemini",
    vendor: "Google",
    command: ["gemini"],
    tested: ["0.61.0"],
    install: "npm install --global @google/gemini-cli@0.61.0",
    login: { env: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], files: [".gemini/oauth_creds.json"] },
    signIn: "gemini, and choose how to sign in",
    endpoints: https(
      "generativelanguage.googleapis.com",
      // GOOGLE_API_KEY is one of Vertex AI.
      "aiplatform.googleapis.com",
      "cloudcode-pa.googleapis.com",
      "oauth2.googleapis.com",
    ),
  },
  {
    name: "claude-agent-acp",
    adapter: "acp",
    vendor: "Anthropic",
    command: ["claude-agent-acp"],
    tested: ["0.100.0"],
    install: "npm install --global @agentclientprotocol/claude-agent-acp@0.100.0",
    login: {
      env: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"],
      files: [".claude/.credentials.json"],
    },
    signIn: "claude auth login",
    endpoints: https("api.anthropic.com", "console.anthropic.com", "platform.claude.com"),
  },
  {
    name: "opencode",
    adapter: "acp",
    vendor: "the provider that opencode is set up for",
    command: ["opencode", "acp"],
    tested: ["1.18.33"],
    install: "npm install --global opencode-ai@1.18.33",
    login: {
      env: ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "OPENCODE_API_KEY"],
      files: [".local/share/opencode/auth.json"],
    },
    signIn: "opencode auth login",
    endpoints: https("opencode.ai", "api.anthropic.com", "api.openai.com", "openrouter.ai"),
  },
];
