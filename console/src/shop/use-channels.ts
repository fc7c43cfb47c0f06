import { useQuery } from 'urql';
import { ChannelsDocument, type ChannelsQuery } from '../gql/graphql.ts';

export type Channel = ChannelsQuery['channels'][number];

const NONE: Channel[] = [];

export function useChannels(): Channel[] {
  const [{ data }] = useQuery({ query: ChannelsDocument });
  return data?.channels ?? NONE;
}

/** The name a channel goes by; its code where it has none. */
export const nameOf = (channels: readonly Channel[], code: string) =>
  channels.find((channel) => channel.code === code)?.name ?? code;
