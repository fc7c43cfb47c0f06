import { buildSchema } from 'graphql';

/** As much of Vendure's Admin API (3.7.3) as the connector uses; the real one is tried in test/systems/vendure. */
export const schema = buildSchema(/* GraphQL */ `
  scalar DateTime
  enum SortOrder {
    ASC
    DESC
  }
  enum GlobalFlag {
    TRUE
    FALSE
    INHERIT
  }
  input DateOperators {
    after: DateTime
    isNull: Boolean
  }
  input IDOperators {
    in: [String!]
  }
  input StringOperators {
    in: [String!]
    notIn: [String!]
  }
  input OrderFilterParameter {
    id: IDOperators
    code: StringOperators
    orderPlacedAt: DateOperators
    updatedAt: DateOperators
    state: StringOperators
    _and: [OrderFilterParameter!]
  }
  input OrderSortParameter {
    id: SortOrder
    orderPlacedAt: SortOrder
    updatedAt: SortOrder
  }
  input OrderListOptions {
    skip: Int
    take: Int
    sort: OrderSortParameter
    filter: OrderFilterParameter
  }
  input CustomerFilterParameter {
    id: IDOperators
    createdAt: DateOperators
    updatedAt: DateOperators
  }
  input CustomerSortParameter {
    id: SortOrder
    createdAt: SortOrder
    updatedAt: SortOrder
  }
  input CustomerListOptions {
    skip: Int
    take: Int
    sort: CustomerSortParameter
    filter: CustomerFilterParameter
  }
  input ProductVariantFilterParameter {
    sku: StringOperators
  }
  input ProductVariantListOptions {
    take: Int
    filter: ProductVariantFilterParameter
  }
  input StockLocationSortParameter {
    id: SortOrder
  }
  input StockLocationListOptions {
    take: Int
    sort: StockLocationSortParameter
  }
  input StockLevelInput {
    stockLocationId: ID!
    stockOnHand: Int!
  }
  input UpdateProductVariantInput {
    id: ID!
    stockLevels: [StockLevelInput!]
  }

  type Group {
    name: String!
  }
  type Customer {
    id: ID!
    createdAt: DateTime!
    updatedAt: DateTime!
    title: String
    firstName: String!
    lastName: String!
    emailAddress: String!
    phoneNumber: String
    groups: [Group!]!
  }
  type Address {
    fullName: String
    streetLine1: String
    streetLine2: String
    city: String
    province: String
    postalCode: String
    countryCode: String
    phoneNumber: String
  }
  type Method {
    code: String!
  }
  type ShippingLine {
    shippingMethod: Method!
  }
  type StockLevel {
    stockLocationId: ID!
    stockOnHand: Int!
    stockAllocated: Int!
  }
  type Variant {
    id: ID!
    sku: String!
    trackInventory: GlobalFlag!
    outOfStockThreshold: Int!
    useGlobalOutOfStockThreshold: Boolean!
    stockLevels: [StockLevel!]!
  }
  type OrderLine {
    id: ID!
    quantity: Int!
    orderPlacedQuantity: Int!
    discountedUnitPriceWithTax: Int!
    productVariant: Variant!
  }
  type Units {
    orderLineId: ID!
    quantity: Int!
  }
  type Refund {
    id: ID!
    state: String!
    total: Int!
    createdAt: DateTime!
    updatedAt: DateTime!
    reason: String
    lines: [Units!]!
  }
  type Payment {
    id: ID!
    method: String!
    state: String!
    refunds: [Refund!]!
  }
  type Fulfillment {
    id: ID!
    state: String!
    method: String!
    trackingCode: String
    lines: [Units!]!
  }
  interface ErrorResult {
    errorCode: String!
    message: String!
  }
  type EmptyOrderLineSelectionError implements ErrorResult {
    errorCode: String!
    message: String!
  }
  type ItemsAlreadyFulfilledError implements ErrorResult {
    errorCode: String!
    message: String!
  }
  type InsufficientStockOnHandError implements ErrorResult {
    errorCode: String!
    message: String!
  }
  type InvalidFulfillmentHandlerError implements ErrorResult {
    errorCode: String!
    message: String!
  }
  type FulfillmentStateTransitionError implements ErrorResult {
    errorCode: String!
    message: String!
    transitionError: String!
    fromState: String!
    toState: String!
  }
  union AddFulfillmentToOrderResult =
    | Fulfillment
    | EmptyOrderLineSelectionError
    | ItemsAlreadyFulfilledError
    | InsufficientStockOnHandError
    | InvalidFulfillmentHandlerError
  union TransitionFulfillmentToStateResult = Fulfillment | FulfillmentStateTransitionError
  input OrderLineInput {
    orderLineId: ID!
    quantity: Int!
  }
  input ConfigArgInput {
    name: String!
    value: String!
  }
  input ConfigurableOperationInput {
    code: String!
    arguments: [ConfigArgInput!]!
  }
  input FulfillOrderInput {
    lines: [OrderLineInput!]!
    handler: ConfigurableOperationInput!
  }
  type Order {
    id: ID!
    code: String!
    state: String!
    orderPlacedAt: DateTime
    createdAt: DateTime!
    updatedAt: DateTime!
    currencyCode: String!
    totalWithTax: Int!
    customer: Customer
    shippingAddress: Address
    shippingLines: [ShippingLine!]!
    lines: [OrderLine!]!
    payments: [Payment!]
    fulfillments: [Fulfillment!]
  }
  type OrderList {
    items: [Order!]!
    totalItems: Int!
  }
  type CustomerList {
    items: [Customer!]!
    totalItems: Int!
  }
  type VariantList {
    items: [Variant!]!
  }
  type StockLocation {
    id: ID!
  }
  type StockLocationList {
    items: [StockLocation!]!
  }
  type GlobalSettings {
    trackInventory: Boolean!
    outOfStockThreshold: Int!
  }
  type Query {
    orders(options: OrderListOptions): OrderList!
    customers(options: CustomerListOptions): CustomerList!
    productVariants(options: ProductVariantListOptions): VariantList!
    stockLocations(options: StockLocationListOptions): StockLocationList!
    globalSettings: GlobalSettings!
  }
  type Mutation {
    updateProductVariants(input: [UpdateProductVariantInput!]!): [Variant]!
    addFulfillmentToOrder(input: FulfillOrderInput!): AddFulfillmentToOrderResult!
    transitionFulfillmentToState(id: ID!, state: String!): TransitionFulfillmentToStateResult!
  }
`);
