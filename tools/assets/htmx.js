// htmx as it comes, under its usual name: pages may use its hx- attributes, and
// juli.js asks it to change lists in place.
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;
