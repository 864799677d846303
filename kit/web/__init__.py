"""HTTP plumbing shared by all rooms: input and output, sign-in, errors, paging, batches."""
