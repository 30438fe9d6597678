export { Logger } from './logger.js';
export type { LogFields } from './logger.js';
export { Metrics } from './metrics.js';
export type { Counter, Gauge, Histogram, Labels, SeriesOptions } from './metrics.js';
