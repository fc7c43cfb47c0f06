import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../platform/api/pagination.ts';
import { Cost } from '../platform/api/list-size.ts';

export enum WebhookDeliveryState {
  PENDING = 'PENDING',
  DELIVERED = 'DELIVERED',
  DEAD = 'DEAD',
}
registerEnumType(WebhookDeliveryState, { name: 'WebhookDeliveryState' });

@ObjectType({ description: 'Where events of a partner go; its signing secret is not told again.' })
export class WebhookEndpoint {
  @Field(() => ID)
  id!: string;
  @Field()
  url!: string;
  @Field()
  description!: string;
  @Field(() => [String])
  eventTypes!: string[];
  @Cost(20)
  @Field(() => [ID], { description: 'Only of these; empty: of all.' })
  skus!: string[];
  @Field(() => [ID], { description: 'Only of these; empty: of all.' })
  channels!: string[];
  @Field(() => String, { nullable: true, description: "Set: of reservations, only this partner's." })
  partner!: string | null;
  @Field()
  enabled!: boolean;
  @Field(() => String, { nullable: true })
  disabledReason!: string | null;
  @Field(() => Date, { nullable: true, description: 'Until then the secret before this one signs too.' })
  previousSecretUntil!: Date | null;
  @Field(() => Int, { description: 'Failed attempts since the last success.' })
  consecutiveFailures!: number;
  @Field(() => Date, { nullable: true, description: 'It failed so often, or asked for it: not before then.' })
  pausedUntil!: Date | null;
  @Field(() => Date, { nullable: true })
  lastDeliveredAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why the last attempt failed; null when it did not.' })
  lastError!: string | null;
  @Field()
  createdBy!: string;
  @Field()
  createdAt!: Date;
}

@ObjectType({ description: 'What waits for an endpoint, and what was given up.' })
export class WebhookBacklog {
  @Field(() => Int)
  pending!: number;
  @Field(() => Int)
  dead!: number;
  @Field(() => Int, { description: 'Age of the oldest event that waits; 0 without any.' })
  lagSeconds!: number;
}

@ObjectType({ description: 'An event and what has become of it at one endpoint.' })
export class WebhookDelivery {
  @Field(() => ID, { description: 'The `webhook-id` that the receiver sees.' })
  id!: string;
  @Field(() => ID)
  endpointId!: string;
  @Field()
  type!: string;
  @Field({ description: 'Events of one key arrive in order.' })
  key!: string;
  @Field(() => WebhookDeliveryState)
  state!: WebhookDeliveryState;
  @Cost(5)
  @Field({ description: 'The body, as JSON text.' })
  payload!: string;
  @Field(() => Int)
  attempts!: number;
  @Field()
  queuedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'Of one that waits: not before then.' })
  nextAttemptAt!: Date | null;
  @Field(() => Date, { nullable: true })
  lastAttemptAt!: Date | null;
  @Field(() => Date, { nullable: true })
  deliveredAt!: Date | null;
  @Field(() => Int, { nullable: true, description: 'HTTP status of the last answer; null without one.' })
  lastStatus!: number | null;
  @Field(() => String, { nullable: true })
  lastError!: string | null;
}
export const WebhookDeliveryConnection = connectionType('WebhookDelivery', () => WebhookDelivery);

@ObjectType()
export class WebhookSecret {
  @Field({ description: 'In the notation of Standard Webhooks; shown this once.' })
  secret!: string;
  @Field(() => WebhookEndpoint)
  endpoint!: WebhookEndpoint;
}

@InputType()
export class CreateWebhookEndpointInput {
  @Field()
  url!: string;
  @Field({ description: 'Whose it is, for people.' })
  description!: string;
  @Field(() => [String], { description: 'E.g. `reservation.confirmed`; docs/webhooks.md lists them.' })
  eventTypes!: string[];
  @Field(() => [ID], { nullable: true, description: 'Needed for `atp.changed`; at most 5,000.' })
  skus?: string[] | null;
  @Field(() => [ID], { nullable: true })
  channels?: string[] | null;
  @Field(() => String, { nullable: true })
  partner?: string | null;
}

@InputType()
export class UpdateWebhookEndpointInput {
  @Field(() => ID)
  id!: string;
  @Field(() => String, { nullable: true })
  url?: string | null;
  @Field(() => String, { nullable: true })
  description?: string | null;
  @Field(() => [String], { nullable: true })
  eventTypes?: string[] | null;
  @Field(() => [ID], { nullable: true, description: 'Empty: of all. What is left out stays as it is.' })
  skus?: string[] | null;
  @Field(() => [ID], { nullable: true })
  channels?: string[] | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'What waits is kept while it is disabled; what happens meanwhile is not told.',
  })
  enabled?: boolean | null;
}

@InputType()
export class RotateWebhookSecretInput {
  @Field(() => ID)
  id!: string;
  @Field(() => Int, {
    nullable: true,
    defaultValue: 86_400,
    description: 'How long the secret so far signs too; 0 to 2,592,000.',
  })
  oldValidForSeconds?: number | null;
}

@InputType()
export class RetryWebhookDeliveriesInput {
  @Field(() => [ID])
  ids!: string[];
}

@InputType()
export class ReplayWebhooksInput {
  @Field(() => ID)
  endpointId!: string;
  @Field({ description: 'Events queued from then on; of promises, the present ones are told.' })
  since!: Date;
}

@InputType()
export class SendTestWebhookInput {
  @Field(() => ID)
  endpointId!: string;
}
