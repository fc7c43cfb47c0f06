export { medusaConnector } from './connector.ts';
