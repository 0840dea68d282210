// What the page's parts share: words, rights, and telling what went wrong.
import { me } from "/static/console/store.js";
import { language, t as common, translator } from "/static/console/texts.js";
import { tell, tellProblem } from "/static/console/toasts.js";
import { texts } from "/static/console/sections/customers/texts.js";

export const t = translator(texts);
export const may = (right) => me.value?.scopes.includes(right) ?? false;
export const go = (...parts) => (location.hash = ["customers", ...parts].join("/"));
export const zone = (channel) => (texts[language.value].way[channel] ? t(`way.${channel}`) : common(`channel.${channel}`));

/** Do it, say that it is done, and tell what went wrong; whether it succeeded. `wrong` of `useWrong` says it at the fields. */
export async function attempt(work, done, wrong) {
  wrong?.clear();
  try {
    await work();
    if (done) tell(t(done));
    return true;
  } catch (problem) {
    if (wrong?.show(problem)) return false;
    if (texts[language.value].error[problem.code]) tell(t(`error.${problem.code}`), "bad");
    else tellProblem(problem);
    return false;
  }
}
