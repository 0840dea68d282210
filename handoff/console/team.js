// The colleagues who serve customers, with presence, load and groups of skills.
import { computed, signal } from "/static/vendor/preact.js";
import { get } from "/static/console/api.js";
import { GROUPS } from "/static/console/filters.js";
import { has, t } from "/static/console/texts.js";

const members = signal([]);

export async function loadTeam() {
  members.value = (await get("/agents")).items;
}

export const serving = computed(() =>
  members.value
    .filter((agent) => agent.is_active && ["agent", "supervisor"].includes(agent.role))
    .sort((a, b) => (a.presence === "available" ? 0 : 1) - (b.presence === "available" ? 0 : 1) || a.load - b.load),
);

/** Groups of skills: the known ones, and others that somebody has. */
export const skills = computed(() => [...new Set([...GROUPS.skill.filter((one) => one !== "surge"), ...serving.value.flatMap((agent) => agent.skills)])]);

export const present = (skill) => serving.value.filter((agent) => agent.presence === "available" && agent.skills.includes(skill)).length;
export const skillName = (skill) => (has(`skill.${skill}`) ? t(`skill.${skill}`) : skill);
export const agentName = (id) => members.value.find((agent) => agent.id === id)?.name ?? "";
