/**
 * Loaded before every spec. The order matters: `@nestjs/throttler` is CommonJS and fails with a require cycle
 * unless Nest itself was imported as ESM first.
 */
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
