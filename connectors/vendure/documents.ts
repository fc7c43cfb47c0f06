/** Documents of the Admin API. */

const ORDER_FIELDS = `
  id code state orderPlacedAt createdAt updatedAt currencyCode totalWithTax
  customer { id firstName lastName emailAddress phoneNumber }
  shippingAddress { fullName streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
  shippingLines { shippingMethod { code } }
  lines { id quantity orderPlacedQuantity discountedUnitPriceWithTax productVariant { id sku } }
  payments { id method state refunds { id state total createdAt updatedAt reason lines { orderLineId quantity } } }
  fulfillments { id state trackingCode lines { orderLineId quantity } }`;

export const ORDERS = `query Orders($options: OrderListOptions) {
  orders(options: $options) { items { ${ORDER_FIELDS} } }
}`;

export const CUSTOMERS = `query Customers($options: CustomerListOptions) {
  customers(options: $options) {
    items { id createdAt updatedAt title firstName lastName emailAddress phoneNumber groups { name } }
  }
}`;

/** Reads everything that a role must be allowed to read. */
export const RIGHTS = `query Rights {
  orders(options: { take: 1 }) { totalItems }
  customers(options: { take: 1 }) { totalItems }
  productVariants(options: { take: 1 }) { items { stockLevels { stockLocationId } } }
  stockLocations(options: { take: 1 }) { items { id } }
}`;

export const CLOCK = 'query Clock { __typename }';

export const ADD_FULFILMENT = `mutation AddFulfilment($input: FulfillOrderInput!) {
  addFulfillmentToOrder(input: $input) {
    ... on Fulfillment { id state }
    ... on ErrorResult { errorCode message }
  }
}`;

export const SHIP_FULFILMENT = `mutation ShipFulfilment($id: ID!) {
  transitionFulfillmentToState(id: $id, state: "Shipped") {
    ... on Fulfillment { id }
    ... on FulfillmentStateTransitionError { message fromState transitionError }
  }
}`;

export const VARIANTS = `query Variants($skus: [String!], $take: Int) {
  globalSettings { trackInventory outOfStockThreshold }
  stockLocations(options: { take: 100, sort: { id: ASC } }) { items { id } }
  productVariants(options: { take: $take, filter: { sku: { in: $skus } } }) {
    items {
      id sku trackInventory outOfStockThreshold useGlobalOutOfStockThreshold
      stockLevels { stockLocationId stockOnHand stockAllocated }
    }
  }
}`;

export const SET_STOCK = `mutation SetStock($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) { id }
}`;
