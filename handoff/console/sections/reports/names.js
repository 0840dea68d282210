// What the bot's intents and dialogues are called here; those without a name are shown as they are.
import { t } from "/static/console/sections/reports/asking.js";
import { language } from "/static/console/texts.js";
import { intents } from "/static/console/sections/reports/texts.intents.js";

const intentName = (name) => intents[language.value][name] ?? name.replaceAll("_", " ");

/** `report_claim_form.incident_date` is the dialogue and what the bot asked for. */
function stepName(step) {
  const [form, asked] = step.split(".");
  const dialogue = t(`dialogue.${form}`);
  return asked ? `${dialogue} · ${t(`asked.${asked}`)}` : dialogue;
}

export function nameOf(by, name) {
  if (by === "channel") return t(`channel.${name}`);
  if (by === "intent") return intentName(name);
  if (by === "complaint") return t(`category.${name}`);
  if (by === "drop_out") return stepName(name);
  return name.replace(/⟦[^⟧]*⟧/g, "•••");
}
