// What makes something is sent once, however often its button is pressed.
import { useRef, useState } from "/static/vendor/preact.js";
import { newKey } from "/static/console/api.js";
import { failureWords, tellFailure } from "/static/console/sections/notices/calls.js";

/**
 * `[isBusy, send]`: `send(body)` gives what `create(body, key)` answers, or null. The same words again are the same
 * request. What is wrong is told at the form's fields, by `wrong` of `useWrong`, where they are named.
 */
export function useOnce(create, wrong) {
  const asked = useRef({});
  const [isBusy, setBusy] = useState(false);
  async function send(body) {
    const words = JSON.stringify(body);
    if (asked.current.words !== words) asked.current = { words, key: newKey() };
    setBusy(true);
    wrong?.clear();
    try {
      return await create(body, asked.current.key);
    } catch (problem) {
      if (!wrong?.show(problem, failureWords(problem))) tellFailure(problem);
      return null;
    } finally {
      setBusy(false);
    }
  }
  return [isBusy, send];
}
