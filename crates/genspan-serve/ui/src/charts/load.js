/** uPlot, fetched when the first chart is drawn: most visits draw none. */
let loading = null;

// Where the server demands trusted types, this is the page's one address of a script; nothing else can become one.
const trusted = globalThis.trustedTypes?.createPolicy('genspan', { createScriptURL: (url) => (url === '/vendor/uplot/uPlot.iife.min.js' ? url : '') });
const address = (url) => trusted?.createScriptURL(url) ?? url;

/** The chart library's constructor. @returns {Promise<any>} */
export function chartLibrary() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = '/vendor/uplot/uPlot.min.css';
    const script = document.createElement('script');
    script.src = address('/vendor/uplot/uPlot.iife.min.js');
    script.onload = () => resolve(globalThis.uPlot);
    script.onerror = () => { loading = null; reject(new Error('The chart library could not be loaded.')); };
    document.head.append(style, script);
  });
  return loading;
}
