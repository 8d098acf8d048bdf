"""Renders heads into a dataset.

Layout: ``DATA/train``, ``DATA/val``, ``DATA/test``, each a folder of

=================== ======= ================ ==============================================================
file                dtype   shape            holds
=================== ======= ================ ==============================================================
``images.npy``      uint8   [N,V,128,128,3]  RGB, sRGB-encoded, over the background colour of ``meta.json``
``alpha.npy``       uint8   [N,V,128,128]    coverage of the head, 0-255
``cameras.npy``     float32 [N,V,25]         as in docs/pack.md
``light.npy``       float32 [N,V,9]          SH in the head's frame
``params.npy``      float32 [N,P]            the head, light excluded; names in ``meta.json``
``done.npy``        uint8   [N]              1 once the head's rows above are whole; others are zeros
``attributes.json`` list    N dicts          what can be said of the head in words (see ``heads.attributes``)
``meta.json``       dict    -                ``param_names``, ``background`` (RGB 0-255), ``size``, ``seed``
=================== ======= ================ ==============================================================

The arrays have their full length from the start, so that a reader may map them (``np.load(…, mmap_mode="r")``) while
they grow and use the rows that ``done`` marks. ``attributes.json`` is whole from the start. V = 6: view 0 near-frontal,
the others over yaw ±0.7 and pitch ±0.35 rad; views 0-1, 2-3 and 4-5 share a light.

``test`` has V = 3: frontal, yaw −0.35, yaw +0.35, all three under one light, and for each edit a true twin with one
thing changed: ``test/edits/NAME/images.npy`` uint8 [N,3,128,128,3], ``light.npy`` float32 [N,9], ``params.npy``
float32 [N,P] and ``valid.npy`` uint8 [N], 1 where the edit changes the head at all. NAME: ``red_hair``, ``glasses``,
``beard``, ``smile``, ``light_left`` (towards −x), ``light_right``.

An attributes dict has ``sex`` (man, woman), ``age`` (young, middle-aged, old), ``skin`` (light, medium, dark),
``hair_colour`` (black, brown, blond, red, grey, blue; also of brows and beard), ``hair_style`` (bald, cropped, short,
curly, long, ponytail, braid), ``eye_colour`` (brown, blue, green, grey), ``glasses`` (none, round, square), ``beard``
(none, short, full) and ``smile`` (0-1; above 0.5 it can be called one).
"""
