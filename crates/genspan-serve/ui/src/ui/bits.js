/** Small pieces that every view is made of. */
import { html, useState, useRef, useEffect, useId } from '../lib.js';
import { Icon } from './icon.js';
import { announce } from '../announce.js';
import { cost as formatCost, NONE } from '../format.js';

const statusWords = { ok: 'ok', error: 'error', cancelled: 'cancelled', open: 'running' };

/** How something ended: icon, word and, for an error, its type. */
export const Status = ({ status, type }) => html`<span class=${`status status-${status}`}>
  <${Icon} name=${statusWords[status] ? status : 'other'} small /><span>${statusWords[status] ?? status}</span></span>${
  type ? html` <span class="status status-type wrap-any">${type}</span>` : null}`;

/** A cost; what has no price says so and is never shown as nothing, and what an agent states is told from what calls cost. */
export function Money({ cost, unpriced = 0, calls = 0, stated = false }) {
  if (!cost) return unpriced > 0 ? html`<span class="muted" title="No price is known for the model">unpriced</span>` : NONE;
  const whose = stated ? ' as the agent states it, since not all of its calls have a known price' : '';
  const lack = unpriced > 0 ? `, and ${unpriced} of ${calls} calls without a known price` : '';
  return html`<span title=${`${cost.amount} ${cost.currency}${whose}${lack}`}>${formatCost(cost)}${
    stated ? html`<span class="muted" aria-hidden="true">*</span><span class="sr-only"> as the agent states</span>` : null}${
    unpriced > 0 ? html`<span class="muted" aria-label=", some calls unpriced">+?</span>` : null}</span>`;
}

/** A button that copies a text and says so. */
export function Copy({ text, label = 'Copy', icon = true, className = 'btn tiny', hideLabel = false }) {
  const [done, setDone] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    const value = typeof text === 'function' ? text() : text;
    const copied = await put(value);
    setDone(copied);
    announce(copied ? 'Copied' : 'The browser did not allow copying');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), 1600);
  };
  return html`<button type="button" class=${`${className}${hideLabel ? ' icon-only' : ''}`} onClick=${copy} aria-label=${hideLabel ? label : null} title=${hideLabel ? label : null}>
    ${icon ? html`<${Icon} name=${done ? 'ok' : 'copy'} small />` : null}${hideLabel ? null : html`<span>${label}</span>`}</button>`;
}

async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without the clipboard's permission: through a selection, as before there was one.
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('aria-hidden', 'true');
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

/** What went wrong with loading, and a way to try again. */
export const Failure = ({ error, retry }) => html`<div class="notice error" role="alert">
  <${Icon} name="error" /><div><strong>This could not be loaded. </strong>${error.message}</div>
  ${retry ? html`<button type="button" class="btn tiny" onClick=${retry}>Try again</button>` : null}</div>`;

/** A sentence that must be seen: an error, a truncation, a warning. */
export const Notice = ({ tone = 'warn', title, children }) => html`<div class=${`notice ${tone}`}>
  <${Icon} name=${tone === 'error' ? 'error' : 'warn'} /><div>${title ? html`<strong>${title} </strong>` : null}${children}</div></div>`;

/** Grey rows while the first answer is on its way. */
export const Skeleton = ({ rows = 8 }) => html`<div class="skeleton-rows" role="status"><span class="sr-only">Loading…</span>
  ${Array.from({ length: rows }, (_, at) => html`<div class="skeleton" key=${at}></div>`)}</div>`;

/** A list of tabs that arrows move through; `tabs` are `{id, label, n}`. */
export function Tabs({ tabs, current, onChange, label, panel }) {
  const list = useRef(null);
  const move = (event) => {
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    onChange(next.id);
    list.current?.querySelector(`[data-tab="${next.id}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${list} onKeyDown=${move}>
    ${tabs.map((tab) => html`<button type="button" role="tab" key=${tab.id} id=${`${panel}-${tab.id}`} data-tab=${tab.id} aria-selected=${tab.id === current}
      aria-controls=${panel} tabIndex=${tab.id === current ? 0 : -1} onClick=${() => onChange(tab.id)}>
        ${tab.label}${tab.n === undefined ? null : html`<span class="n">${tab.n}</span>`}</button>`)}
  </div>`;
}

/** A few words and numbers in a row: `[[term, value], …]`; pairs without a value are left out. */
export const Facts = ({ facts }) => html`<dl class="summary">${facts.filter(Boolean).filter(([, value]) => value !== undefined && value !== null)
    .map(([term, value]) => html`<div key=${term}><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;

/** A dialog of the browser's own, opened while `open` is true. */
export function Dialog({ open, onClose, title, children }) {
  const ref = useRef(null);
  const id = useId('dialog');
  useEffect(() => {
    const dialog = ref.current;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  const outside = (event) => { if (event.target === ref.current) onClose(); };
  return html`<dialog ref=${ref} aria-labelledby=${id} onClose=${onClose} onClick=${outside}>
    ${open ? html`<div class="dialog-head"><h2 id=${id}>${title}</h2>
      <button type="button" class="btn quiet icon-only" aria-label="Close" onClick=${onClose}><${Icon} name="close" /></button></div>
      <div class="dialog-body">${children}</div>` : html`<h2 id=${id} hidden>${title}</h2>`}</dialog>`;
}
