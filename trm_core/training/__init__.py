"""Training: how weights are learnt. Recipes are data (recipe), the learning itself knows no files
(learner), a run adds disk, resume and several processes (run). A new way of teaching belongs here;
nothing here is needed to solve."""
