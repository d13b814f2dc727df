"""Answers to `make_federated_data(client_data, client_ids, preprocess_fn)`."""

from answers import right, wrong

LIST = "returns a list with one dataset a client"
CLIENTS = "takes the clients asked for, in order"
PREPROCESSED = "preprocesses each of them"


@right
def appends_in_a_loop(client_data, client_ids, preprocess_fn):
    """A loop and `append`."""
    datasets = []
    for client_id in client_ids:
        dataset = client_data.create_tf_dataset_for_client(client_id)
        datasets.append(preprocess_fn(dataset))
    return datasets


@right
def maps_twice(client_data, client_ids, preprocess_fn):
    """Two `map`s, one after the other."""
    return list(map(preprocess_fn, map(client_data.create_tf_dataset_for_client, client_ids)))


@right
def preprocesses_the_client_data(client_data, client_ids, preprocess_fn):
    """Lets TFF preprocess all clients, and asks for datasets afterwards."""
    preprocessed = client_data.preprocess(preprocess_fn)
    return [preprocessed.create_tf_dataset_for_client(client_id) for client_id in client_ids]


@right
def a_tuple(client_data, client_ids, preprocess_fn):
    """A tuple, which TFF takes as well."""
    return tuple(preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in client_ids)


@wrong(LIST, hint="Replace `raise NotImplementedError`")
def untouched(client_data, client_ids, preprocess_fn):
    """Has not begun."""
    raise NotImplementedError


@wrong(LIST, hint="Return a Python list")
def forgot_to_return(client_data, client_ids, preprocess_fn):
    """Makes the list and drops it."""
    [preprocess_fn(client_data.create_tf_dataset_for_client(client_id)) for client_id in client_ids]


@wrong(LIST, hint="Return a Python list")
def one_dataset_of_all(client_data, client_ids, preprocess_fn):
    """Joins the clients' data, which is no longer federated."""
    joined = client_data.create_tf_dataset_for_client(client_ids[0])
    for client_id in client_ids[1:]:
        joined = joined.concatenate(client_data.create_tf_dataset_for_client(client_id))
    return preprocess_fn(joined)


@wrong(LIST, hint="Return a Python list")
def a_dict(client_data, client_ids, preprocess_fn):
    """Keeps the datasets by client id."""
    return {c: preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in client_ids}


@wrong(LIST, hint="Return a Python list")
def a_generator(client_data, client_ids, preprocess_fn):
    """Writes round brackets."""
    return (preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in client_ids)


@wrong(LIST, hint="Return a Python list")
def lists_of_elements(client_data, client_ids, preprocess_fn):
    """Reads each dataset to its end."""
    return [list(preprocess_fn(client_data.create_tf_dataset_for_client(c))) for c in client_ids]


@wrong(LIST, hint="One dataset for each id in `client_ids`")
def everybody(client_data, client_ids, preprocess_fn):
    """Takes all clients there are."""
    return [preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in client_data.client_ids]


@wrong(LIST, hint="One dataset for each id in `client_ids`")
def returns_in_the_loop(client_data, client_ids, preprocess_fn):
    """Indents the `return` too far."""
    datasets = []
    for client_id in client_ids:
        datasets.append(preprocess_fn(client_data.create_tf_dataset_for_client(client_id)))
        return datasets


@wrong(LIST, hint="Read the last line of the error")
def preprocesses_the_list(client_data, client_ids, preprocess_fn):
    """Hands the whole list to `preprocess_fn`."""
    return preprocess_fn([client_data.create_tf_dataset_for_client(c) for c in client_ids])


@wrong(CLIENTS, hint="These are the first clients")
def the_first_ones(client_data, client_ids, preprocess_fn):
    """Uses only how many ids there are."""
    chosen = client_data.client_ids[: len(client_ids)]
    return [preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in chosen]


@wrong(CLIENTS, hint="Keep the order of `client_ids`")
def in_the_order_of_the_data(client_data, client_ids, preprocess_fn):
    """Goes through all clients and picks those asked for."""
    chosen = [c for c in client_data.client_ids if c in client_ids]
    return [preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in chosen]


@wrong(CLIENTS, hint="Does the loop use its variable?")
def the_same_one(client_data, client_ids, preprocess_fn):
    """Forgets the loop's variable."""
    return [preprocess_fn(client_data.create_tf_dataset_for_client(client_ids[0])) for _ in client_ids]


@wrong(CLIENTS, hint="the examples of its own client, and no others")
def everything_to_everybody(client_data, client_ids, preprocess_fn):
    """Gives each client the data of all."""
    everything = client_data.create_tf_dataset_from_all_clients(seed=1)
    return [preprocess_fn(everything) for _ in client_ids]


@wrong(PREPROCESSED, hint="The datasets are raw")
def raw(client_data, client_ids, preprocess_fn):
    """Forgets `preprocess_fn`."""
    return [client_data.create_tf_dataset_for_client(c) for c in client_ids]


@wrong(PREPROCESSED, hint="just once")
def preprocesses_twice(client_data, client_ids, preprocess_fn):
    """Preprocesses the client data, and each dataset again."""
    preprocessed = client_data.preprocess(preprocess_fn)
    return [preprocess_fn(preprocessed.create_tf_dataset_for_client(c)) for c in client_ids]


@wrong(PREPROCESSED, hint="Change nothing else")
def batches_again(client_data, client_ids, preprocess_fn):
    """Batches what may be batched already."""
    return [preprocess_fn(client_data.create_tf_dataset_for_client(c)).batch(2) for c in client_ids]


@right
def a_dict_on_the_way(client_data, client_ids, preprocess_fn):
    """Collects the datasets by id, caches them, and reads them in order."""
    datasets = {c: preprocess_fn(client_data.create_tf_dataset_for_client(c)).cache() for c in client_ids}
    return [datasets[client_id] for client_id in client_ids]


@wrong(LIST, hint="which leaves it whole")
def pops_the_ids(client_data, client_ids, preprocess_fn):
    """Empties the caller's list."""
    datasets = []
    while client_ids:
        datasets.append(preprocess_fn(client_data.create_tf_dataset_for_client(client_ids.pop(0))))
    return datasets


@wrong(LIST, hint="which leaves it whole")
def sorts_the_ids_afterwards(client_data, client_ids, preprocess_fn):
    """Leaves the caller's list sorted."""
    datasets = [preprocess_fn(client_data.create_tf_dataset_for_client(c)) for c in client_ids]
    client_ids.sort()
    return datasets


@wrong(CLIENTS, hint="all examples of its client")
def ten_examples_each(client_data, client_ids, preprocess_fn):
    """Takes ten examples of each client."""
    return [preprocess_fn(client_data.create_tf_dataset_for_client(c).take(10)) for c in client_ids]


@wrong(PREPROCESSED, hint="no preparation of your own")
def preparation_of_its_own(client_data, client_ids, preprocess_fn):
    """Prepares as the exercise before it does."""

    def prepare(element):
        return {"x": element["pixels"], "y": element["label"]}

    return [client_data.create_tf_dataset_for_client(c).map(prepare).batch(20) for c in client_ids]


@wrong(PREPROCESSED, hint="as it is")
def white_on_black(client_data, client_ids, preprocess_fn):
    """Turns the images into their negatives first."""

    def negative(element):
        return {"label": element["label"], "pixels": 1 - element["pixels"]}

    return [preprocess_fn(client_data.create_tf_dataset_for_client(c).map(negative)) for c in client_ids]
