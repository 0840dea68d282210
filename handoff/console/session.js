// Who is signed in, and what they may do.
import { batch, computed, signal } from "/static/vendor/preact.js";
import { get, post, whenSignedOut } from "/static/console/api.js";
import { timeZone } from "/static/console/format.js";
import { tellProblem } from "/static/console/toasts.js";

const OWNER = "anda.console.agent";

/** The signed-in agent; undefined until known, null when nobody is. */
export const me = signal(undefined);
export const hadSession = signal(false);

export const may = (scope) => me.value?.scopes.includes(scope) ?? false;
export const mayWrite = computed(() => may("tickets:write"));

whenSignedOut(() => {
  hadSession.value = true;
  me.value = null;
});

/** Drafts and unsent replies are the agent's own: another one who signs in here begins afresh. */
function ownThisTab(agent) {
  const owner = sessionStorage.getItem(OWNER);
  if (owner !== null && owner !== String(agent.id)) sessionStorage.clear();
  sessionStorage.setItem(OWNER, agent.id);
  return owner === null || owner === String(agent.id);
}

/** This agent is signed in, and times are told in the insurer's zone. */
function begin(agent) {
  batch(() => {
    timeZone.value = agent.timezone;
    hadSession.value = false;
    me.value = agent;
  });
}

export async function whoAmI() {
  try {
    const agent = await get("/auth/me");
    ownThisTab(agent);
    begin(agent);
  } catch (problem) {
    if (problem.status === 401) me.value = null;
    else setTimeout(whoAmI, 3000);
  }
}

export async function signIn(credentials) {
  const agent = await post("/auth/login", credentials);
  if (!ownThisTab(agent)) return location.reload();
  begin(agent);
}

export async function signOut() {
  await post("/auth/logout").catch(tellProblem);
  // A fresh page holds nothing of the customers that were shown.
  sessionStorage.clear();
  location.reload();
}
