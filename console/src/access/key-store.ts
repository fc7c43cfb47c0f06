/**
 * The access key of this browser tab. sessionStorage, so that it ends with the tab; never in a query string, because those
 * are written to logs. `#key=…` may bring it: a fragment does not leave the browser, and it is taken out of the address bar.
 */
export interface KeyState {
  readonly key: string | undefined;
  /** The hub refused the key that was last in use. */
  readonly refused: boolean;
  /** Another key, which a link has brought while one is in use: taken only when its user says so. */
  readonly offered?: string;
}

const SLOT = 'orderweave.key';
const listeners = new Set<() => void>();
let state: KeyState = { key: undefined, refused: false };

function change(next: KeyState) {
  state = next;
  for (const listener of listeners) listener();
}

export const currentKey = () => state;

export function onKeyChange(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function acceptKey(key: string) {
  sessionStorage.setItem(SLOT, key);
  change({ key, refused: false });
}

/** Goes on with the key in use. */
export function declineOfferedKey() {
  change({ key: state.key, refused: state.refused });
}

/** Called with the key that was sent, so that a late refusal of an old key does not throw away a new one. */
export function refuseKey(key: string) {
  if (state.key !== key) return;
  sessionStorage.removeItem(SLOT);
  change({ key: undefined, refused: true });
}

/** The key in a fragment, and the fragment without it. Not URLSearchParams: it would read the `+` of a key as a blank. */
function splitFragment(fragment: string): { key: string | undefined; rest: string } {
  const parts = fragment.replace(/^#/, '').split('&').filter(Boolean);
  const own = parts.find((part) => part.startsWith('key='));
  const rest = parts.filter((part) => part !== own).join('&');
  return { key: own === undefined ? undefined : decode(own.slice('key='.length)), rest };
}

function decode(text: string) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function takeKeyFromAddress() {
  const { key, rest } = splitFragment(location.hash);
  if (key === undefined) return;
  const hash = rest === '' ? '' : `#${rest}`;
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  if (key === '' || key === state.key) return;
  // Whoever sent the link would otherwise choose whose data the open page shows, and where its commands go.
  if (state.key === undefined) acceptKey(key);
  else change({ ...state, offered: key });
}

/** Once, before the first render. */
export function openKeyStore() {
  state = { key: sessionStorage.getItem(SLOT) ?? undefined, refused: false };
  takeKeyFromAddress();
  // A link with another key, followed in the same tab, does not load the page again.
  addEventListener('hashchange', takeKeyFromAddress);
}
