// What the service worker finds in its global scope: its configuration and the parts of Workbox that it uses.

declare const workbox: any;

interface ServiceWorkerGlobalScope {
  BOTV2: {
    version: string;
    precache: { url: string; revision: string | null }[];
    offline: Record<string, string>;
    static: string;
    cookies: { kept_for: string; csrf: string; language: string; theme: string };
    icons: { icon: string; badge: string };
  };
}
