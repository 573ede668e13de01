/** Alerts that arrive while no page is open. What they say was written by the server, in the person's language. */

/** @param {any} data */
async function notify(data) {
  const told = data?.json() ?? {};
  await scope.registration.showNotification(told.title ?? "BotV2", {
    body: told.body ?? "",
    tag: told.tag,
    data: { url: told.url ?? "/" },
    ...scope.BOTV2.icons,
  });
}

/** Open what it is about, in a page that is there already if there is one. @param {any} notification */
async function open(notification) {
  notification.close();
  const to = new URL(notification.data?.url ?? "/", scope.location.origin);
  if (to.origin !== scope.location.origin) return;
  const pages = await scope.clients.matchAll({ type: "window" });
  const page = pages.find((each) => each.visibilityState === "visible") ?? pages[0];
  if (page) await page.focus().then((each) => each.navigate(to.href));
  else await scope.clients.openWindow(to.href);
}

function receive() {
  scope.addEventListener("push", (event) => event.waitUntil(notify(event.data)));
  scope.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));
}
