import { dhlConnector } from '../connectors/dhl/connector.ts';
import { douyinShopConnector } from '../connectors/douyin-shop/connector.ts';
import { filesConnector } from '../connectors/files/index.ts';
import { financeWebhookConnector } from '../connectors/finance-webhook/connector.ts';
import { hubspotConnector } from '../connectors/hubspot/connector.ts';
import { jdConnector } from '../connectors/jd/connector.ts';
import { kuaidi100Connector } from '../connectors/kuaidi100/connector.ts';
import { medusaConnector } from '../connectors/medusa/index.ts';
import { requestTrackerConnector } from '../connectors/request-tracker/connector.ts';
import { shopifyConnector } from '../connectors/shopify/connector.ts';
import type { Connector } from '../connectors/spi/index.ts';
import { taobaoConnector } from '../connectors/taobao/connector.ts';
import { trytonConnector } from '../connectors/tryton/connector.ts';
import { vendureConnector } from '../connectors/vendure/index.ts';
import { wechatShopConnector } from '../connectors/wechat-shop/connector.ts';
import { youzanConnector } from '../connectors/youzan/connector.ts';
import { zendeskConnector } from '../connectors/zendesk/connector.ts';

/** The import folder, which is always there. */
export const importFolderConnector: Connector = filesConnector;

/** Connectors that a merchant may configure sources of; part of the composition root. */
const connectors: Connector[] = [
  dhlConnector,
  douyinShopConnector,
  financeWebhookConnector,
  hubspotConnector,
  jdConnector,
  kuaidi100Connector,
  medusaConnector,
  requestTrackerConnector,
  shopifyConnector,
  taobaoConnector,
  trytonConnector,
  vendureConnector,
  wechatShopConnector,
  youzanConnector,
  zendeskConnector,
];

export const knownConnectors: ReadonlyMap<string, Connector> = new Map(
  connectors.map((connector) => [connector.spec.id, connector]),
);
