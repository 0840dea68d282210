export * from "./preact-core.js";
export * from "./preact-hooks.js";
export * from "./signals.js";
import { h } from "./preact-core.js";
import htm from "./htm.js";
export { htm };
export const html = htm.bind(h);
