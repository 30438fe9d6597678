/**
 * Jest runs its global setup outside of its module system, compiled to CommonJS. This lets the setup import our sources as
 * the modules they are: Node's own type stripping knows neither decorators nor our condition `pool-source`.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

const isTypeScript = (url) => url?.endsWith('.ts') && !url.includes('/node_modules/');

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('#')) {
      return next(specifier, { ...context, conditions: ['pool-source', ...context.conditions] });
    }
    const isSource = specifier.startsWith('.') && isTypeScript(context.parentURL);
    return next(isSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
  load(url, context, next) {
    if (!isTypeScript(url)) return next(url, context);
    const { code } = transformFileSync(fileURLToPath(url), { sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

/** A native import, which Jest does not compile to `require` in here. */
export const importTypeScript = (specifier) => import(specifier);
