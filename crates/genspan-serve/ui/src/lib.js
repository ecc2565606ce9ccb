/** The one door to the vendored view library; every module takes its hooks from here. */
import {
  h, html, render, Component, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext,
  useErrorBoundary,
} from '../vendor/htm-preact/standalone.module.js';

export {
  h, html, render, Component, createContext, useState, useReducer, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext,
  useErrorBoundary,
};

function sameProps(a, b) {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => a[key] === b[key]);
}

/** Wraps a component so that it is drawn again only when a prop changes: rows of long tables. */
export function memo(draw) {
  return class Memo extends Component {
    shouldComponentUpdate(next) { return !sameProps(this.props, next); }
    render(props) { return h(draw, props); }
  };
}

let lastId = 0;
/** An id that is unique on the page, for labels and descriptions. */
export function useId(prefix = 'g') {
  const ref = useRef(null);
  if (ref.current === null) ref.current = `${prefix}-${++lastId}`;
  return ref.current;
}

/** The latest value of something, readable from a callback that was made earlier. */
export function useLatest(value) {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}
