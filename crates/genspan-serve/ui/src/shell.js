/** What surrounds every view: the way between them, whether updates flow, theme and help. */
import { html, useState, useEffect, useRef } from './lib.js';
import { Icon } from './ui/icon.js';
import { useLiveStatus } from './live.js';
import { toggleTheme, useTheme } from './theme.js';
import { useKeys } from './keys.js';
import { Help } from './help.js';
import { Announcer } from './announce.js';
import { navigate, followLinks } from './router.js';

const views = [['/', 'Traces'], ['/conversations', 'Conversations'], ['/models', 'Models & tools'], ['/logs', 'Logs'], ['/metrics', 'Metrics']];
const current = (path, href) => (href === '/' ? path === '/' || path.startsWith('/traces') || path === '/compare' : path.startsWith(href));
const liveWords = { connecting: 'Connecting…', live: 'Live', away: 'Server away' };

function Brand() {
  return html`<a class="brand" href="/"><svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#4353d9" />
    <rect x="6" y="8" width="20" height="4" rx="2" fill="#fff" />
    <rect x="10" y="14" width="9" height="4" rx="2" fill="#c9cffb" /><rect x="15" y="20" width="11" height="4" rx="2" fill="#fff" /></svg>genspan</a>`;
}

/** The frame of the page round a view. */
export function Shell({ path, children }) {
  const [help, setHelp] = useState(false);
  const live = useLiveStatus();
  const theme = useTheme();
  const shell = useRef(null);
  useKeys({
    '?': () => setHelp(true),
    'g t': () => navigate('/'),
    'g c': () => navigate('/conversations'),
    'g m': () => navigate('/models'),
    'g l': () => navigate('/logs'),
    'g n': () => navigate('/metrics'),
    t: toggleTheme,
    '/': () => {
      const field = document.querySelector('input[type="search"]');
      if (field) { field.focus(); field.select(); } else navigate('/?focus=search');
    },
  });
  useFocusOnArrival(path, shell);
  return html`<div class="shell" onClick=${followLinks} ref=${shell}>
    <a class="skip" href="#content" onClick=${skip}>Skip to content</a>
    <header class="top"><${Brand} />
      <nav aria-label="Views">${views.map(([href, label]) => html`<a key=${href} href=${href} aria-current=${current(path, href) ? 'page' : null}>${label}</a>`)}</nav>
      <span class="live" data-state=${live} role="status"><span class="live-dot" aria-hidden="true"></span><span>${liveWords[live]}</span></span>
      <button type="button" class="btn quiet icon-only" onClick=${toggleTheme} aria-label=${theme === 'dark' ? 'Light theme' : 'Dark theme'} title=${theme === 'dark' ? 'Light theme (t)' : 'Dark theme (t)'}>
        <${Icon} name=${theme === 'dark' ? 'sun' : 'moon'} /></button>
      <button type="button" class="btn quiet icon-only" onClick=${() => setHelp(true)} aria-label="Keyboard help" title="Keyboard help (?)">
        <${Icon} name="help" /></button>
    </header>
    <main class="page" id="content">${children}</main>
    <${Help} open=${help} onClose=${() => setHelp(false)} />
    <${Announcer} />
  </div>`;
}

function skip(event) {
  event.preventDefault();
  document.querySelector('main h1')?.focus();
}

/** A new view takes the focus at its heading, unless it took it itself. */
function useFocusOnArrival(path, shell) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) { first.current = false; return undefined; }
    const main = shell.current.querySelector('main');
    const arrive = () => {
      const active = document.activeElement;
      if (active && active !== document.body && active.closest('main')) return;
      main.querySelector('h1')?.focus({ preventScroll: true });
    };
    // A view that loads draws its heading anew once the data is there, and the focus would go with the old one.
    const watch = new MutationObserver(arrive);
    const timer = setTimeout(() => { arrive(); watch.observe(main, { childList: true, subtree: true }); }, 30);
    const stop = () => watch.disconnect();
    const acts = ['keydown', 'pointerdown'];
    acts.forEach((act) => addEventListener(act, stop, true));
    return () => { clearTimeout(timer); stop(); acts.forEach((act) => removeEventListener(act, stop, true)); };
  }, [path]);
}

/** The heading of a view, which is also the page's title. */
export function Heading({ title, children, hidden = false }) {
  useEffect(() => { document.title = title === 'Traces' ? 'genspan' : `${title} · genspan`; }, [title]);
  return html`<h1 tabIndex="-1" class=${hidden ? 'sr-only' : ''}>${children ?? title}</h1>`;
}
