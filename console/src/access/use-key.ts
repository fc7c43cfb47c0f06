import { useSyncExternalStore } from 'react';
import { currentKey, onKeyChange } from './key-store.ts';

export const useKey = () => useSyncExternalStore(onKeyChange, currentKey);
