// Pages for people who are signed in: parts that change while one types.
import "htmx.org/dist/htmx.min.js";
import "./js/search.js";
import "./js/swap.js";
