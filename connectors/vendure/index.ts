export { vendureConnector } from './connector.ts';
