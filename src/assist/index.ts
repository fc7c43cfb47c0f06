/** Exports of assist for the composition root. */
import { ScreenPopResolver, type ScreenPopDeps } from './screen-pop.resolver.ts';

export const assistResolvers = [ScreenPopResolver];

/** The resolvers with their collaborators. */
export function createAssistResolvers(parts: ScreenPopDeps): object[] {
  return [new ScreenPopResolver(parts)];
}

export { type ScreenPopDeps } from './screen-pop.resolver.ts';
