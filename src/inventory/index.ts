/** What other domains may use of inventory. */
export { Channel, FulfilmentNode, NodeKind, Pool, Sku, TemperatureClass } from './catalogue.entities.ts';
export { existingSku, nodeByCode, skuByCode } from './catalogue.loaders.ts';
