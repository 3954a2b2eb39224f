// Links that FATE's clients print say behind the # which job they mean.
const [, query = ""] = location.hash.split("?");
const asked = new URLSearchParams(query);
const job = asked.get("job_id");
if (job) {
  const party = ["role", "party_id"].map((name) => encodeURIComponent(asked.get(name) || ""));
  const at = party[0] && party[1] ? `/${party[0]}/${party[1]}` : "";
  location.replace(`/jobs/${encodeURIComponent(job)}${at}`);
} else if (location.hash.startsWith("#/history")) {
  location.replace("/jobs");
} else {
  location.replace("/");
}
