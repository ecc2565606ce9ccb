/** Line icons, drawn here: shape tells kinds apart where colour cannot. */
import { html } from '../lib.js';

const paths = {
  chat: 'M2.5 4.2c0-.9.7-1.7 1.7-1.7h7.6c1 0 1.7.8 1.7 1.7v4.6c0 1-.7 1.7-1.7 1.7H7l-3.2 3v-3h.4c-1 0-1.7-.7-1.7-1.7z',
  tool: 'M9.8 3.1a3.4 3.4 0 0 0-4 4.5l-3.4 3.4a1.5 1.5 0 0 0 2.2 2.2L8 9.8a3.4 3.4 0 0 0 4.5-4L10.3 8 8 7.7 7.6 5.4z',
  agent: 'M3 6.5h10v6.5H3zM8 6.5V3.5M8 3a.6.6 0 1 0 .01 0M6 9.3v.9M10 9.3v.9',
  embeddings: 'M3.5 3.5h.01M8 3.5h.01M12.5 3.5h.01M3.5 8h.01M8 8h.01M12.5 8h.01M3.5 12.5h.01M8 12.5h.01M12.5 12.5h.01',
  other: 'M3 8h10M3 8a.5.5 0 1 0 .01 0M13 8a.5.5 0 1 0 .01 0',
  ok: 'M3.5 8.5l3 3 6-7',
  error: 'M8 1.8 14.3 8 8 14.2 1.7 8zM8 5v3.5M8 10.8v.01',
  cancelled: 'M8 2a6 6 0 1 0 .01 0M3.9 12.1l8.2-8.2',
  open: 'M8 2a6 6 0 1 0 .01 0M8 5v3.2l2 1.3',
  warn: 'M8 2.3 14.3 13.3H1.7zM8 6.3v3.2M8 11.4v.01',
  search: 'M7 2.5a4.5 4.5 0 1 0 .01 0M10.3 10.3l3.4 3.4',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  down: 'M4 6l4 4 4-4',
  right: 'M6 4l4 4-4 4',
  sun: 'M8 5.2a2.8 2.8 0 1 0 .01 0M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6z',
  help: 'M8 1.8a6.2 6.2 0 1 0 .01 0M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 11.3v.01',
  link: 'M6.5 9.5l3-3M7.5 4.5l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.5l-1 1a2.8 2.8 0 0 1-4-4l1-1',
  compare: 'M5.5 2.5v11M10.5 2.5v11M2.5 5h3M2.5 8h3M10.5 8h3M10.5 11h3',
  download: 'M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M3 13.5h10',
  trash: 'M3 4.5h10M6 4.5v-2h4v2M4.3 4.5l.6 9h6.2l.6-9M6.8 7v4M9.2 7v4',
  expand: 'M4 6l4-3.5L12 6M4 10l4 3.5L12 10',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  filter: 'M2.5 3.5h11L9.3 8.7v4l-2.6-1.2V8.7z',
  parallel: 'M4 3v10M8 3v10M12 3v10',
};

/** An icon of decoration; the words are beside it, or in its button's label. */
export const Icon = ({ name, small }) => html`<svg class=${small ? 'icon small' : 'icon'} viewBox="0 0 16 16" aria-hidden="true">
  <path d=${paths[name] ?? paths.other} /></svg>`;

/** The icon of a span's kind, in the kind's colour. */
export const KindIcon = ({ kind }) => html`<span class=${`kind kind-${known(kind)}`}><${Icon} name=${known(kind)} /></span>`;

/** The kind as one of those that have a colour and a shape. */
export const known = (kind) => (['chat', 'tool', 'agent', 'embeddings'].includes(kind) ? kind : 'other');
