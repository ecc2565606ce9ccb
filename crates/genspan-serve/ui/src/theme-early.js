// Runs before the first paint, so that a chosen theme never flashes the other one. Not a module: modules run too late.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem('genspan.theme'); } catch { /* storage is off: the system's theme */ }
  const dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
