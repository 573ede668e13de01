/** The documentation of the API: Swagger UI, in the page's theme, with its CSRF token on what a person tries out. */

const place = /** @type {HTMLElement} */ (document.getElementById("docs"));
const token = /** @type {HTMLInputElement} */ (document.querySelector("[name=csrfmiddlewaretoken]"));
const theme = document.documentElement.dataset.theme;
const prefers = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  document.documentElement.classList.toggle("dark-mode", theme === "dark" || theme === "terminal" || (theme === "auto" && prefers.matches));
}

prefers.addEventListener("change", paint);
paint();

const { SwaggerUIBundle } = /** @type {any} */ (globalThis);
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
  requestInterceptor: (/** @type {any} */ request) => {
    if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = token.value;
    return request;
  },
});
