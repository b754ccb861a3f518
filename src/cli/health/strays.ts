import { readdirSync, statSync } from "node:fs";
