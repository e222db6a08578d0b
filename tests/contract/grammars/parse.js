// Reads queries as JSON, [[language, query], …], and writes for each where it breaks its grammar: null, or an offset.
import { readFileSync } from "node:fs";
import { parser as logql } from "@grafana/lezer-logql";
import { parser as traceql } from "@grafana/lezer-traceql";

const parsers = { logql, traceql };

function firstError([language, query]) {
  let offset = null;
  parsers[language].parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) offset ??= node.from;
    },
  });
  return offset;
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(firstError)));
