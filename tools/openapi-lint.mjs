// Lints an OpenAPI description from standard input with Redocly's recommended
// rules, warnings as errors; prints what is wrong and nothing else.
import { readFileSync } from "node:fs";
import { createConfig, lintFromString } from "@redocly/openapi-core";

const config = await createConfig({ extends: ["recommended-strict"] });
const problems = await lintFromString({ source: readFileSync(0, "utf8"), absoluteRef: "openapi.json", config });
for (const p of problems) console.log(`${p.ruleId} ${p.location[0]?.pointer}: ${p.message}`);
process.exitCode = problems.length > 0 ? 1 : 0;
